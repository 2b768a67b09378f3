//! Declarations and what they say.

use super::text::{split_outside, unescape};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Size {
    Plain,
    Tiny,
    Zero,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::decode) enum Colour {
    Known([u8; 3]),
    /// A picture, or a name that is not known here.
    Other,
    Transparent,
}

impl Colour {
    pub(in crate::decode) fn is_lost_on(self, ground: Self) -> bool {
        match (self, ground) {
            (Self::Transparent, _) => true,
            (Self::Known(one), Self::Known(two)) => {
                one.iter().zip(two).map(|(one, two)| u32::from(one.abs_diff(two))).sum::<u32>() < 60
            }
            _ => false,
        }
    }
}

/// What a declaration speaks of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Property {
    Display,
    Visibility,
    Opacity,
    Size,
    Colour,
    Ground,
    Raised,
    Struck,
    Float,
    Position,
    Offset,
    Indent,
    Overflow,
    Extent,
    Direction,
    Other,
    Content,
}

pub(super) const PROPERTIES: usize = Property::Content as usize + 1;

/// What a declaration says of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    /// Nothing that changes what is seen.
    Plain,
    /// As around it.
    Inherited,
    Hides,
    Apart,
    Odd,
    /// Only where the element is moved, or in a cell.
    Moves,
    Size(Size),
    Colour(Colour),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Declaration {
    pub(super) property: Property,
    pub(super) value: Value,
    pub(super) is_important: bool,
}

/// The declarations of a block that may change what is seen.
pub(super) fn declarations(body: &str) -> Vec<Declaration> {
    let mut found = Vec::new();
    for part in split_outside(body, ';') {
        let Some((name, value)) = part.split_once(':') else { continue };
        let mut name = name.trim();
        let (unescaped, lower);
        if name.contains('\\') {
            unescaped = unescape(name);
            name = &unescaped;
        }
        if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            lower = name.to_ascii_lowercase();
            name = &lower;
        }
        let Some(property) = property(name) else { continue };
        let mut value = unescape(value).to_ascii_lowercase();
        let is_important = value.find('!').map(|at| value.split_off(at)).is_some();
        if let Some(value) = value_of(property, name, value.trim()) {
            found.push(Declaration { property, value, is_important });
        }
    }
    // The point that ends floats is never shown.
    if found
        .iter()
        .any(|of| of.value == Value::Hides && matches!(of.property, Property::Display | Property::Visibility))
    {
        found.retain(|of| of.property != Property::Content);
    }
    found
}

pub(super) fn property(name: &str) -> Option<Property> {
    Some(match name {
        "display" => Property::Display,
        "visibility" => Property::Visibility,
        "opacity" | "mso-hide" => Property::Opacity,
        "font-size" | "font" => Property::Size,
        "color" => Property::Colour,
        "background" | "background-color" | "background-image" => Property::Ground,
        "vertical-align" => Property::Raised,
        "text-decoration" | "text-decoration-line" => Property::Struck,
        "float" => Property::Float,
        "position" => Property::Position,
        "left" | "top" | "right" | "bottom" | "inset" => Property::Offset,
        "text-indent" | "margin" | "margin-left" | "margin-top" | "margin-right" | "margin-bottom" => Property::Indent,
        "overflow" | "overflow-x" | "overflow-y" => Property::Overflow,
        "width" | "height" | "max-width" | "max-height" => Property::Extent,
        "direction" => Property::Direction,
        "clip"
        | "clip-path"
        | "-webkit-clip-path"
        | "transform"
        | "-webkit-transform"
        | "scale"
        | "rotate"
        | "translate"
        | "filter"
        | "content-visibility"
        | "zoom"
        | "-webkit-text-security"
        | "-webkit-text-fill-color"
        | "flex-direction"
        | "order"
        | "mask"
        | "mask-image"
        | "-webkit-mask" => Property::Other,
        "content" => Property::Content,
        _ => return None,
    })
}

/// What a value says; `None` where it is no value of the property.
pub(super) fn value_of(property: Property, name: &str, value: &str) -> Option<Value> {
    let odd = |is_odd: bool| if is_odd { Value::Odd } else { Value::Plain };
    if value == "inherit" && property != Property::Other {
        return Some(Value::Inherited);
    }
    Some(match property {
        Property::Display => match value {
            "none" => Value::Hides,
            "inline" | "contents" | "initial" | "unset" | "revert" => Value::Plain,
            _ => Value::Apart,
        },
        Property::Visibility => {
            if matches!(value, "hidden" | "collapse") {
                Value::Hides
            } else {
                Value::Plain
            }
        }
        Property::Opacity => {
            let share = value.trim_end_matches('%').parse::<f64>();
            let is_pale = share.is_ok_and(|share| share < if value.ends_with('%') { 15.0 } else { 0.15 });
            if value == "all" || is_pale { Value::Hides } else { Value::Plain }
        }
        Property::Size => {
            // Of the short form, the first length is the size.
            let words = value.split_ascii_whitespace().map(|word| word.split('/').next().unwrap_or(word));
            let is_weight = |(number, unit): &(f64, &str)| name == "font" && *number != 0.0 && unit.is_empty();
            let size = words.filter_map(length).find(|length| !is_weight(length));
            match size {
                // What shrinks nothing leaves what is nothing.
                None if name == "font-size"
                    && ["small", "medium", "large"].iter().any(|size| value.ends_with(size)) =>
                {
                    Value::Size(Size::Plain)
                }
                None => return (name == "font-size").then_some(Value::Inherited),
                Some((number, _)) if number <= 0.0 => Value::Size(Size::Zero),
                Some((number, unit @ ("em" | "rem" | "%" | "ex" | "ch"))) => {
                    let share = if unit == "%" { number / 100.0 } else { number };
                    match () {
                        () if share < 0.2 => Value::Size(Size::Tiny),
                        () if unit == "rem" => Value::Size(Size::Plain),
                        () => Value::Inherited,
                    }
                }
                Some((number, unit)) => Value::Size(if pixels(number, unit) < 3.0 { Size::Tiny } else { Size::Plain }),
            }
        }
        Property::Colour => Value::Colour(colour_of(value)),
        Property::Ground => {
            if value.contains("url(") || value.contains("gradient") {
                Value::Colour(Colour::Other)
            } else {
                // Of the short form, the word that is a colour.
                let words = split_outside(value, ' ');
                let colour = words.into_iter().map(|word| colour_of(word.trim())).find(|known| *known != Colour::Other);
                if name == "background-image" || matches!(value, "none" | "initial") {
                    return None;
                }
                Value::Colour(colour.unwrap_or(Colour::Other))
            }
        }
        Property::Raised => match value {
            "baseline" | "middle" | "initial" | "unset" => Value::Plain,
            value if length(value).is_some_and(|(number, _)| number == 0.0) => Value::Plain,
            _ => Value::Apart,
        },
        Property::Struck => {
            if value.contains("line-through") {
                Value::Apart
            } else {
                Value::Plain
            }
        }
        Property::Float => {
            if matches!(value, "left" | "right") {
                Value::Apart
            } else {
                Value::Plain
            }
        }
        Property::Position => match value {
            "absolute" | "fixed" => Value::Odd,
            "relative" | "sticky" => Value::Moves,
            _ => Value::Plain,
        },
        Property::Offset | Property::Indent => {
            let lengths: Vec<f64> =
                value.split_ascii_whitespace().filter_map(length).map(|(number, unit)| pixels(number, unit)).collect();
            let by = |far: f64| lengths.iter().any(|length| *length <= far);
            // Pages are centred by negative margins, and paragraphs hang by some.
            let far = match name {
                "text-indent" => -300.0,
                _ if property == Property::Offset => -900.0,
                _ => -2_000.0,
            };
            match () {
                () if by(far) || property == Property::Offset && lengths.iter().any(|length| *length >= 3_000.0) => {
                    Value::Odd
                }
                () if by(-50.0) && property == Property::Indent => Value::Hides,
                () if lengths.iter().any(|length| *length != 0.0) || value.contains("calc") => Value::Moves,
                () => Value::Plain,
            }
        }
        Property::Overflow => {
            if matches!(value, "hidden" | "clip" | "scroll" | "auto") {
                Value::Hides
            } else {
                Value::Plain
            }
        }
        Property::Extent => match length(value) {
            Some((number, unit)) if pixels(number, unit) < 3.0 && number >= 0.0 => Value::Odd,
            Some((_, unit)) if unit != "%" => Value::Moves,
            _ => Value::Plain,
        },
        Property::Direction => odd(value == "rtl"),
        Property::Other => {
            let plain =
                ["none", "auto", "normal", "visible", "1", "0", "0px", "100%", "initial", "unset", "row", "column"];
            let is_plain = match name {
                "filter" => !value.contains("opacity") && !value.contains("blur") && !value.contains("bright"),
                "zoom" => length(value).is_none_or(|(number, unit)| number > if unit == "%" { 20.0 } else { 0.2 }),
                "scale" => value == "1" || value == "none",
                "transform" | "-webkit-transform" | "translate" => {
                    // What moves a little, as to the middle, is seen; what is mirrored or turned reads otherwise.
                    let lengths = value.split(['(', ',', ' ', ')']).filter_map(length);
                    let is_far = lengths.map(|(number, unit)| pixels(number, unit)).any(|by| by.abs() >= 1_000.0);
                    !is_far
                        && ["scale", "rotate", "matrix", "skew", "perspective"].iter().all(|turn| !value.contains(turn))
                }
                "flex-direction" => !value.contains("reverse"),
                "-webkit-text-fill-color" => !matches!(colour_of(value), Colour::Transparent),
                _ => plain.contains(&value),
            };
            odd(!is_plain)
        }
        Property::Content => {
            // A sign of a symbol font or a blank stands for no figure.
            let inside = value.trim_matches(['"', '\'']);
            let is_sign = |c: char| matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{200b}' | '\u{fffd}');
            let is_blank = inside.chars().all(|c| c.is_whitespace() || is_sign(c));
            if is_blank || matches!(value, "none" | "normal" | "initial") {
                return None;
            }
            Value::Odd
        }
    })
}

/// A number and its unit.
pub(super) fn length(word: &str) -> Option<(f64, &str)> {
    let end = word.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+'))).unwrap_or(word.len());
    Some((word[..end].parse().ok()?, &word[end..]))
}

pub(super) fn pixels(number: f64, unit: &str) -> f64 {
    number
        * match unit {
            "pt" => 1.33,
            "em" | "rem" | "pc" => 16.0,
            "ex" | "ch" => 8.0,
            "in" => 96.0,
            "cm" => 37.8,
            "mm" => 3.78,
            "%" | "vw" | "vh" => 10.0,
            _ => 1.0,
        }
}

pub(in crate::decode) fn colour_of(value: &str) -> Colour {
    let hexadecimal = |digits: &str| {
        let digit = |at: usize| digits.get(at..=at).and_then(|digit| u8::from_str_radix(digit, 16).ok());
        match digits.len() {
            3 | 4 => Some([digit(0)? * 17, digit(1)? * 17, digit(2)? * 17]),
            6 | 8 => {
                let pair = |at| Some(digit(at)? * 16 + digit(at + 1)?);
                Some([pair(0)?, pair(2)?, pair(4)?])
            }
            _ => None,
        }
    };
    if let Some(digits) = value.strip_prefix('#') {
        let is_clear = digits.len() == 4 && digits.ends_with('0') || digits.len() == 8 && digits.ends_with("00");
        return match hexadecimal(digits) {
            Some(_) if is_clear => Colour::Transparent,
            Some(known) => Colour::Known(known),
            None => Colour::Other,
        };
    }
    if let Some(inside) = value.strip_prefix("rgb").and_then(|rest| rest.split_once('(')) {
        let parts: Vec<f64> = inside
            .1
            .split([',', ' ', '/', ')'])
            .filter(|part| !part.is_empty())
            .map_while(|part| {
                let number = part.trim_end_matches('%').parse::<f64>().ok()?;
                Some(if part.ends_with('%') { number * 2.55 } else { number })
            })
            .collect();
        return match parts.as_slice() {
            [.., alpha] if parts.len() == 4 && *alpha < 0.15 => Colour::Transparent,
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a cast of this kind is cut to the range"
            )]
            [red, green, blue, ..] => Colour::Known([*red as u8, *green as u8, *blue as u8]),
            _ => Colour::Other,
        };
    }
    match value {
        "white" | "snow" | "ivory" | "floralwhite" | "ghostwhite" | "whitesmoke" | "mintcream" | "azure"
        | "aliceblue" | "seashell" => Colour::Known([255; 3]),
        "black" => Colour::Known([0; 3]),
        "transparent" => Colour::Transparent,
        _ => Colour::Other,
    }
}
