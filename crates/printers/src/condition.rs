use crate::Why;

/// How a printer says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Ready to print.
    Ready,
    /// It can be reached and says nothing.
    Silent,
    /// It cannot print now.
    Unable(Why),
}

/// Asks for the status at once, whatever else is to be printed: `DLE EOT n`.
pub(crate) const ASK: [[u8; 3]; 4] =
    [[0x10, 0x04, PRINTER], [0x10, 0x04, CAUSE], [0x10, 0x04, ERROR], [0x10, 0x04, PAPER]];

/// Asks for the paper in its turn, when everything before has been printed: `GS r 1`.
pub(crate) const ASK_IN_TURN: [u8; 3] = [0x1d, b'r', 1];

const PRINTER: u8 = 1;
const CAUSE: u8 = 2;
const ERROR: u8 = 3;
const PAPER: u8 = 4;

/// Whether a byte answers `DLE EOT`: four of its bits never change, and so no other answer looks like it.
pub(crate) fn is_status(byte: u8) -> bool {
    byte & 0b1001_0011 == 0b0001_0010
}

/// Whether a byte answers `GS r`.
pub(crate) fn is_answer_in_turn(byte: u8) -> bool {
    byte & 0b1001_0000 == 0
}

/// What the four answers to [`ASK`] say together.
pub(crate) fn read([printer, cause, error, paper]: [u8; 4]) -> Condition {
    let has = |byte: u8, bits: u8| byte & bits != 0;
    // The roll has ended, or printing has stopped because it did.
    if has(paper, 0b0110_0000) || has(cause, 0b0010_0000) {
        Condition::Unable(Why::PaperOut)
    } else if has(cause, 0b0000_0100) {
        Condition::Unable(Why::CoverOpen)
    } else if has(cause, 0b0100_0000) || has(error, 0b0010_1000) {
        Condition::Unable(Why::Broken)
    } else if has(printer, 0b0000_1000) {
        Condition::Unable(Why::Offline)
    } else {
        Condition::Ready
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FINE: u8 = 0x12;

    #[test]
    fn what_a_printer_lacks_is_read_from_its_bits() {
        assert_eq!(read([FINE; 4]), Condition::Ready);
        assert_eq!(read([0x1a, 0x32, FINE, 0x72]), Condition::Unable(Why::PaperOut));
        assert_eq!(read([0x1a, 0x16, FINE, FINE]), Condition::Unable(Why::CoverOpen));
        assert_eq!(read([0x1a, 0x52, 0x1a, FINE]), Condition::Unable(Why::Broken), "the knife");
        assert_eq!(read([0x1a, FINE, FINE, FINE]), Condition::Unable(Why::Offline));
        assert_eq!(read([0x16, FINE, FINE, 0x1e]), Condition::Ready, "a drawer and a roll that is nearly at its end");
    }

    #[test]
    fn answers_are_told_from_each_other_and_from_what_stops_and_starts_a_line() {
        for byte in [0x12, 0x16, 0x1a, 0x32, 0x72, 0x7e] {
            assert!(is_status(byte) && !is_answer_in_turn(byte), "{byte:#x}");
        }
        for byte in [0x00, 0x03, 0x0c, 0x0f, 0x60] {
            assert!(is_answer_in_turn(byte) && !is_status(byte), "{byte:#x}");
        }
        for flow in [0x11, 0x13] {
            assert!(!is_status(flow) && !is_answer_in_turn(flow), "{flow:#x}");
        }
    }
}
