use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket},
    time::Duration,
};

use till::Time;

/// Notices that the PC has slept, that its clock was set or that it is in another network. Whoever
/// looks at it several times a second knows of it within a second.
#[derive(Debug)]
pub struct Waking {
    last: Time,
    ways: Ways,
}

/// Which of this PC's addresses lead to the world outside, the old way and the new one.
pub type Ways = [Option<IpAddr>; 2];

/// When so much more time has passed than that, the PC has slept.
const SLEPT: Duration = Duration::from_secs(15);

impl Waking {
    /// From now on.
    pub fn new(now: Time, ways: Ways) -> Self {
        Self { last: now, ways }
    }

    /// Whether anything has happened since the last look after which connections may be dead and
    /// lists old. That a network has gone is none of it; that there is one again is.
    pub fn has_woken(&mut self, now: Time, ways: Ways) -> bool {
        let jumped = now.apart(self.last) > SLEPT;
        let moved = ways != self.ways && ways.iter().any(Option::is_some);
        (self.last, self.ways) = (now, ways);
        jumped || moved
    }
}

/// Asks the kernel, and sends nothing: a datagram socket only looks up its route. The addresses are
/// set aside for documentation, and nobody has them.
pub fn ways_out() -> Ways {
    let way = |from: IpAddr, to: IpAddr| {
        let socket = UdpSocket::bind((from, 0)).ok()?;
        socket.connect((to, 9)).ok()?;
        Some(socket.local_addr().ok()?.ip())
    };
    [
        way(Ipv4Addr::UNSPECIFIED.into(), Ipv4Addr::new(192, 0, 2, 1).into()),
        way(Ipv6Addr::UNSPECIFIED.into(), Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOP: Ways = [Some(IpAddr::V4(Ipv4Addr::new(192, 168, 1, 7))), None];
    const PHONE: Ways = [Some(IpAddr::V4(Ipv4Addr::new(172, 20, 10, 2))), None];

    fn at(seconds: i64) -> Time {
        Time::from_millis(1_800_000_000_000 + seconds * 1_000)
    }

    #[test]
    fn time_that_jumps_either_way_is_noticed_once() {
        let mut waking = Waking::new(at(0), SHOP);
        assert!(!waking.has_woken(at(1), SHOP));
        assert!(!waking.has_woken(at(14), SHOP), "a busy PC is not a sleeping one");
        assert!(waking.has_woken(at(9_000), SHOP), "it has slept");
        assert!(!waking.has_woken(at(9_001), SHOP));
        assert!(waking.has_woken(at(50), SHOP), "its clock was set back");
        assert!(!waking.has_woken(at(51), SHOP));
    }

    #[test]
    fn another_network_is_noticed_when_it_is_there() {
        let mut waking = Waking::new(at(0), SHOP);
        assert!(!waking.has_woken(at(1), [None, None]), "the cable is out");
        assert!(waking.has_woken(at(2), PHONE));
        assert!(!waking.has_woken(at(3), PHONE));
        assert!(!waking.has_woken(at(4), [None, None]));
        assert!(waking.has_woken(at(5), PHONE), "the same one again, after none");
    }
}
