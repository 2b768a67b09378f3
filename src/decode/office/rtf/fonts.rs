//! Code pages of rich text: which one a font asks for, and how its bytes are read.

use encoding_rs::Encoding;

/// Stands for the code page of a font of symbols.
pub(super) const SYMBOLS: i32 = 42;

/// The code page of a character set of Windows; 0 where it is that of the whole file.
pub(super) fn code_page(charset: i32) -> i32 {
    match charset {
        0 => 1252,
        2 => SYMBOLS,
        77 => 10_000,
        128 => 932,
        129 => 949,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        _ => 0,
    }
}

pub(super) fn encoding(code_page: i32) -> &'static Encoding {
    use encoding_rs::{
        BIG5, EUC_KR, GB18030, MACINTOSH, SHIFT_JIS, UTF_8, WINDOWS_874, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252,
        WINDOWS_1253, WINDOWS_1254, WINDOWS_1255, WINDOWS_1256, WINDOWS_1257, WINDOWS_1258,
    };
    match code_page {
        936 | 54_936 => GB18030,
        950 => BIG5,
        932 => SHIFT_JIS,
        949 => EUC_KR,
        65_001 => UTF_8,
        10_000 => MACINTOSH,
        874 => WINDOWS_874,
        1250 => WINDOWS_1250,
        1251 => WINDOWS_1251,
        1253 => WINDOWS_1253,
        1254 => WINDOWS_1254,
        1255 => WINDOWS_1255,
        1256 => WINDOWS_1256,
        1257 => WINDOWS_1257,
        1258 => WINDOWS_1258,
        _ => WINDOWS_1252,
    }
}
