use counter::Problem;
use feed::{AddressError, Trouble};

/// What a person can do about it.
pub(super) fn of(trouble: Trouble) -> Problem {
    Problem::of(match trouble {
        Trouble::Unreachable => "relay_unreachable",
        Trouble::TimedOut => "relay_slow",
        Trouble::Untrusted => "relay_untrusted",
        Trouble::NoTrust => "relay_no_certificates",
        Trouble::Foreign(_) => "relay_foreign",
        Trouble::Revoked => "relay_revoked",
        Trouble::CodeWrong => return Problem::of("relay_code_wrong").at("code"),
        Trouble::CodeVoid => return Problem::of("relay_code_void").at("code"),
        Trouble::AddressUnknown => return Problem::of("relay_address_unknown").at("address"),
        Trouble::Busy(_) => "relay_busy",
        Trouble::TooOld { .. } | Trouble::WentBack { .. } | Trouble::Gap { .. } => "relay_miscounts",
    })
}

pub(super) fn of_address(error: AddressError) -> Problem {
    Problem::of(match error {
        AddressError::Unreadable => "relay_address_form",
        AddressError::Insecure => "relay_address_insecure",
        AddressError::NoSecret => "relay_address_cut",
    })
    .at("address")
}

#[cfg(test)]
mod tests {
    use counter::Words;
    use feed::Foreign;

    use super::*;

    #[test]
    fn whatever_is_wrong_has_a_sentence_that_says_what_to_do() {
        let troubles = [
            Trouble::Unreachable,
            Trouble::TimedOut,
            Trouble::Untrusted,
            Trouble::NoTrust,
            Trouble::Foreign(Foreign::Page),
            Trouble::Revoked,
            Trouble::CodeWrong,
            Trouble::CodeVoid,
            Trouble::AddressUnknown,
            Trouble::Busy(None),
            Trouble::Gap { expected: 1, found: 2 },
        ];
        let addresses = [AddressError::Unreadable, AddressError::Insecure, AddressError::NoSecret];
        for problem in troubles.map(of).into_iter().chain(addresses.map(of_address)) {
            assert!(Words::table().has(&format!("problem.{}", problem.code)), "{}", problem.code);
        }
    }
}
