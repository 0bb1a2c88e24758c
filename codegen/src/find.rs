//! The search index of a model, and how well it finds what a set of requests asks for.

use std::{fmt::Write as _, path::Path};

use search::{SearchIndex, SearchLimits, lexicon::Lexicon};

use crate::{
    examples::{self, Judged},
    model::Api,
    report::{Failed, Report},
};

/// The file within `apidata/` that tells what words mean.
pub const LEXICON: &str = "search.toml";

/// The packed index of a model; that of no words where there is no lexicon.
///
/// # Errors
/// [`Failed`] when the lexicon or an example is no good; `report` tells why.
pub fn index(api: &Api, apidata: &Path, report: &mut Report) -> Result<Vec<u8>, Failed> {
    let requests = examples::requests(apidata, report)?;
    index_of(api, apidata, &requests.iter().collect::<Vec<_>>(), report)
}

/// The same, made with these requests alone of those that other people wrote.
fn index_of(api: &Api, apidata: &Path, requests: &[&Judged], report: &mut Report) -> Result<Vec<u8>, Failed> {
    let lexicon: Lexicon = examples::read(&apidata.join(LEXICON), report)?.unwrap_or_default();
    let mut said = examples::written(apidata, report)?;
    said.extend(requests.iter().map(|request| request.example()));
    Ok(search::make::make(api, &lexicon, &said))
}

/// An index that lives as long as the program: what the commands ask.
pub fn ready(packed: Vec<u8>) -> SearchIndex {
    SearchIndex::new(Vec::leak(packed))
}

/// How many of some requests were found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Requests.
    pub all: usize,
    /// Those of which the first hit is right.
    pub first: usize,
    /// Those with a right one among the first three.
    pub third: usize,
    /// Among the first five.
    pub fifth: usize,
}

impl Count {
    fn add(&mut self, place: Option<usize>) {
        self.all += 1;
        for (within, count) in [(1, &mut self.first), (3, &mut self.third), (5, &mut self.fifth)] {
            *count += usize::from(place.is_some_and(|place| place < within));
        }
    }

    /// Whether at least so many of a hundred are first, and among three.
    pub const fn reaches(&self, first: usize, third: usize) -> bool {
        self.first * 100 >= first * self.all && self.third * 100 >= third * self.all
    }
}

/// What was found, by language and by whether a guest is asked for, and what was missed.
#[derive(Debug, Default)]
pub struct Figures {
    rows: Vec<(String, Count)>,
    /// Each request whose first hit is wrong: what it is, where the right one stands, what came instead.
    pub missed: Vec<String>,
}

impl Figures {
    fn count(&mut self, row: &str, place: Option<usize>) {
        match self.rows.iter_mut().find(|(name, _)| name == row) {
            Some((_, count)) => count.add(place),
            None => {
                let mut count = Count::default();
                count.add(place);
                self.rows.push((row.to_owned(), count));
            }
        }
    }

    fn ask(&mut self, index: &SearchIndex, request: &Judged) {
        let hits: Vec<String> = index.search(&request.query, FIVE).iter().map(search::Hit::at).collect();
        let place = hits.iter().position(|hit| request.expect.contains(hit));
        let part = if request.expect.iter().any(|at| is_guest(at)) { "guests" } else { "others" };
        self.count(&format!("{} {part}", request.lang), place);
        self.count(&format!("{} all", request.lang), place);
        if place != Some(0) {
            let place = place.map_or("-".to_owned(), |place| (place + 1).to_string());
            let got = hits.iter().take(3).cloned().collect::<Vec<_>>().join(" | ");
            let wanted = request.expect.first().map_or("", String::as_str);
            self.missed.push(format!("{place} [{}] {} — {wanted} — {got}", request.lang, request.query));
        }
    }

    /// Each row and its counts.
    pub fn rows(&self) -> impl Iterator<Item = (&str, Count)> {
        self.rows.iter().map(|(name, count)| (name.as_str(), *count))
    }

    /// One line a row.
    pub fn text(&self) -> String {
        let mut out = "requests                 first        in three     in five\n".to_owned();
        let mut rows: Vec<&(String, Count)> = self.rows.iter().collect();
        rows.sort();
        for (name, count) in rows {
            let part = |n: usize| format!("{n:>4} {:>5.1} %", percent(n, count.all));
            let _ = writeln!(
                out,
                "{name:<16} {:>6}  {}  {}  {}",
                count.all,
                part(count.first),
                part(count.third),
                part(count.fifth)
            );
        }
        out
    }
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand requests")]
fn percent(part: usize, all: usize) -> f64 {
    100.0 * part as f64 / all.max(1) as f64
}

impl Ord for Count {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.all, self.first).cmp(&(other.all, other.first))
    }
}

impl PartialOrd for Count {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

fn is_guest(at: &str) -> bool {
    at.contains("/{node}/qemu") || at.contains("/{node}/lxc")
}

const FIVE: SearchLimits<'static> = SearchLimits { risks: &[], path: "", count: 5 };

/// How well the index finds what the requests ask for.
pub fn figures(index: &SearchIndex, requests: &[Judged]) -> Figures {
    let mut figures = Figures::default();
    requests.iter().for_each(|request| figures.ask(index, request));
    figures
}

/// In how many parts requests are divided that are found by an index which does not have them.
const PARTS: usize = 5;

/// How well the requests of `requests.toml` are found, a fifth at a time by an index that is made without it.
///
/// # Errors
/// As [`index`].
pub fn crossed(api: &Api, apidata: &Path, report: &mut Report) -> Result<Figures, Failed> {
    let requests = examples::requests(apidata, report)?;
    let mut figures = Figures::default();
    for part in 0..PARTS {
        let (asked, known): (Vec<_>, Vec<_>) = requests.iter().zip(0..).partition(|(_, n)| n % PARTS == part);
        let known: Vec<&Judged> = known.into_iter().map(|(request, _)| request).collect();
        let index = ready(index_of(api, apidata, &known, report)?);
        asked.into_iter().for_each(|(request, _)| figures.ask(&index, request));
    }
    Ok(figures)
}
