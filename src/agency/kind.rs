//! What kind of body a name names, its field of work, and whose work its report counts.

use crate::model::report::Scope;

use super::grammar::Name;
use super::{Agencies, Clues, Kind};

/// Sectors of bodies whose name holds no word of a sector.
pub(super) const SECTORS_OF_KINDS: [&str; 4] = ["government", "township", "dev_zone", "other"];

impl Agencies {
    pub(super) fn kind(&self, name: &Name<'_>) -> Kind {
        let grammar = &self.grammar;
        let core = own_core(name);
        let is_one_of = |words: &[String]| words.iter().any(|word| word == core);
        if name.is_national {
            return Kind::National;
        }
        if name.township.is_some() {
            let is_government = core.is_empty()
                || grammar.township_cores.iter().any(|own| own == core)
                || is_one_of(&grammar.governments);
            return if is_government { Kind::Township } else { Kind::Department };
        }
        if name.corps.is_some() {
            return Kind::Corps;
        }
        if name.is_branch {
            return Kind::Branch;
        }
        if name.is_system {
            return Kind::Vertical;
        }
        if core.is_empty() || is_one_of(&grammar.governments) {
            // The government of a township below a place that is not in the list.
            let is_township = name.unknown_place.is_none() && name.ids.is_empty();
            return if is_township { Kind::Department } else { Kind::Government };
        }
        if is_one_of(&grammar.government_offices) {
            return Kind::GovernmentOffice;
        }
        let head = grammar.township_cores.iter().filter_map(|end| core.strip_suffix(end.as_str())).chain([core]);
        if head.into_iter().any(|head| grammar.township_ends.iter().any(|end| head.ends_with(end.as_str()))) {
            return Kind::Township;
        }
        // 开发区管理委员会 runs a zone; 开发区财政局 is a bureau of one.
        let bare = grammar.zone_ends.iter().find_map(|end| core.strip_suffix(end.as_str())).unwrap_or(core);
        if grammar.zones.iter().any(|zone| bare.ends_with(zone.as_str())) {
            return Kind::DevZone;
        }
        Kind::Department
    }

    /// The field of work that the name says first; of two words at one place the longer one.
    pub(super) fn sector(&self, name: &Name<'_>, kind: Kind) -> &str {
        // The name of a central system says its field where the rest does not.
        let core = own_core(name).replace("人民政府", "政府");
        let words = core.char_indices().find_map(|(at, c)| {
            let rest = &core[at..];
            self.sector_words.get(&c)?.iter().find(|(word, _)| rest.starts_with(word.as_str()))
        });
        match (words, kind) {
            (Some((_, sector)), _) => sector,
            (None, Kind::Government) => SECTORS_OF_KINDS[0],
            (None, Kind::Township) => SECTORS_OF_KINDS[1],
            (None, Kind::DevZone) => SECTORS_OF_KINDS[2],
            (None, _) => SECTORS_OF_KINDS[3],
        }
    }

    /// Whose work the report counts, by the kind of body and the words before the first section.
    pub(super) fn scope(&self, name: &Name<'_>, kind: Kind, clues: &Clues<'_>) -> Scope {
        let has = |marks: &[String]| marks.iter().any(|mark| clues.opening.contains(mark.as_str()));
        match kind {
            Kind::Government if own_core(name).is_empty() || has(&self.scope.jurisdiction) => Scope::Jurisdiction,
            Kind::Government if has(&self.scope.agency) => Scope::Unknown,
            Kind::Government => Scope::Jurisdiction,
            Kind::GovernmentOffice | Kind::Township => Scope::Agency,
            Kind::National | Kind::Corps | Kind::DevZone if has(&self.scope.jurisdiction) => Scope::Unknown,
            _ if self.scope.system.iter().any(|mark| clues.opening.contains(mark) || clues.title.contains(mark)) => {
                Scope::System
            }
            _ => Scope::Agency,
        }
    }
}

/// The core without the township or unknown place at its beginning.
fn own_core<'n>(name: &Name<'n>) -> &'n str {
    let place = name.township.or(name.unknown_place).map_or(0, str::len);
    &name.core[place..]
}
