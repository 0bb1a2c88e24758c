//! Who holds the connections. There are only so many, and so many for each address; when they are taken, those over which
//! nobody has shown credentials, and those that rest, make room for who comes.

use std::{
    collections::{BTreeMap, HashMap},
    net::{IpAddr, Ipv6Addr},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
};

use tokio_util::sync::CancellationToken;

/// The connections that are open.
#[derive(Debug)]
pub struct Connections {
    most: usize,
    uses: Arc<AtomicU64>,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    last: u64,
    /// By the order in which they came.
    open: BTreeMap<u64, Arc<Connection>>,
}

/// One that is open; in the extensions of each of its requests.
#[derive(Debug)]
pub struct Connection {
    peer: IpAddr,
    /// Whether a request with good credentials came over it.
    known: AtomicBool,
    /// Requests whose answers are not yet written to their end.
    busy: AtomicUsize,
    /// When it was last used: the number of uses of any before that.
    used: AtomicU64,
    uses: Arc<AtomicU64>,
    cut: CancellationToken,
}

/// A place among the connections, until this is dropped.
#[derive(Debug)]
pub struct Seat {
    of: Arc<Connections>,
    number: u64,
    /// The connection that has it.
    pub connection: Arc<Connection>,
}

/// A request of a connection, until its answer is written to its end.
#[derive(Debug)]
pub struct Busy(Arc<Connection>);

impl Connections {
    /// None yet, and at most so many.
    pub fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most: most.max(1), uses: Arc::default(), held: Mutex::default() })
    }

    /// A place for a connection from this address, which may have so many. Where there is none, another one makes room;
    /// nothing when all that could have requests under way.
    pub fn enter(self: &Arc<Self>, peer: IpAddr, most_each: usize) -> Option<Seat> {
        let peer = network(peer);
        let mut held = self.held();
        let own = held.open.values().filter(|connection| connection.peer == peer).count();
        if own >= most_each.max(1) {
            held.make_room(self.most, Some(peer))?;
        } else if held.open.len() >= self.most {
            held.make_room(self.most, None)?;
        }
        held.last += 1;
        let number = held.last;
        let connection = Arc::new(Connection {
            peer,
            known: AtomicBool::new(false),
            busy: AtomicUsize::new(0),
            used: AtomicU64::new(0),
            uses: Arc::clone(&self.uses),
            cut: CancellationToken::new(),
        });
        held.open.insert(number, Arc::clone(&connection));
        Some(Seat { of: Arc::clone(self), number, connection })
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Closes one connection, of this address if there is one given. Strangers may have an eighth, however many others rest:
    /// a newcomer is a stranger until its first request is there. Beyond that the oldest stranger goes, of the address that
    /// has most of them; before that, whoever has rested for longest.
    fn make_room(&mut self, most: usize, of: Option<IpAddr>) -> Option<()> {
        let fits = |connection: &Connection| of.is_none_or(|peer| connection.peer == peer);
        let mut strangers: HashMap<IpAddr, usize> = HashMap::new();
        for connection in self.open.values().filter(|connection| !connection.is_known()) {
            *strangers.entry(connection.peer).or_default() += 1;
        }
        let stranger = self.open.iter().filter(|(_, connection)| fits(connection) && !connection.is_known());
        let stranger = stranger.min_by_key(|(number, connection)| {
            // One that is being answered is done in a moment.
            let many = strangers.get(&connection.peer).copied().unwrap_or_default();
            (connection.is_busy(), std::cmp::Reverse(many), **number)
        });
        let resting = self.open.iter().filter(|(_, c)| fits(c) && c.is_known() && !c.is_busy());
        let resting = resting.min_by_key(|(_, connection)| connection.used.load(Ordering::Relaxed));
        let many = strangers.values().sum::<usize>() > most.div_ceil(8);
        let (first, second) = if many { (stranger, resting) } else { (resting, stranger) };
        let number = *first.or(second)?.0;
        self.open.remove(&number)?.cut.cancel();
        Some(())
    }
}

impl Connection {
    /// A request with good credentials came over it.
    pub fn knows(&self) {
        self.known.store(true, Ordering::Relaxed);
    }

    /// Whether one did.
    pub fn is_known(&self) -> bool {
        self.known.load(Ordering::Relaxed)
    }

    fn is_busy(&self) -> bool {
        self.busy.load(Ordering::Relaxed) > 0
    }

    /// One more request of it.
    pub fn begins(self: &Arc<Self>) -> Busy {
        self.busy.fetch_add(1, Ordering::Relaxed);
        Busy(Arc::clone(self))
    }

    /// Comes when it is to make room.
    pub async fn cut(&self) {
        self.cut.cancelled().await;
    }
}

impl Clone for Busy {
    fn clone(&self) -> Self {
        self.0.begins()
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.used.store(self.0.uses.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        self.0.busy.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.of.held().open.remove(&self.number);
    }
}

/// Who is counted as one peer: of IPv6, where a machine has as many addresses as it likes, the network.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(last: u8) -> IpAddr {
        [192, 0, 2, last].into()
    }

    fn is_cut(seat: &Seat) -> bool {
        seat.connection.cut.is_cancelled()
    }

    #[test]
    fn an_address_makes_room_among_its_own() {
        let all = Connections::new(8);
        let mut own: Vec<_> = (0..3).map(|_| all.enter(from(1), 2).expect("a place")).collect();
        assert!(is_cut(&own[0]) && !is_cut(&own[1]) && !is_cut(&own[2]), "the oldest");
        let other = all.enter(from(2), 2).expect("a place");
        own[1].connection.knows();
        own[2].connection.knows();
        let busy = own.iter().map(|seat| seat.connection.begins()).collect::<Vec<_>>();
        assert!(all.enter(from(1), 2).is_none() && !is_cut(&other), "all of its own are at work");
        drop(busy);
        own.push(all.enter(from(1), 2).expect("one rests"));
        drop((own, other));
        assert!(all.held().open.is_empty());
    }

    #[test]
    fn strangers_make_room_of_whoever_has_most_of_them_first() {
        let all = Connections::new(8);
        let flood: Vec<_> = (0..6).map(|i| all.enter(from(1 + i % 2), 8).expect("a place")).collect();
        let newcomer = all.enter(from(7), 8).expect("a place");
        let known = all.enter(from(8), 8).expect("a place");
        known.connection.knows();
        let more: Vec<_> = (0..100).map(|_| all.enter(from(3), 8).expect("a stranger goes")).collect();
        assert!(!is_cut(&newcomer) && !is_cut(&known));
        assert!(flood.iter().chain(&more[..90]).filter(|seat| !is_cut(seat)).count() < 6);
    }

    #[test]
    fn who_rests_makes_room_and_who_works_does_not() {
        let all = Connections::new(8);
        let known: Vec<_> = (0..8).map(|i| all.enter(from(i), 8).expect("a place")).collect();
        let busy: Vec<_> = known.iter().map(|seat| (seat.connection.knows(), seat.connection.begins()).1).collect();
        assert!(all.enter(from(9), 8).is_none(), "all work");
        let mut busy = busy.into_iter();
        let (first, second) = (busy.next(), busy.next());
        drop(second);
        drop(first);
        let newcomer = all.enter(from(9), 8).expect("one that rests goes");
        assert!(is_cut(&known[1]) && !is_cut(&known[0]), "the one that has rested for longest");
        assert!(!is_cut(&newcomer));
        drop(busy);
    }
}
