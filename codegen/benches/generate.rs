//! What generating costs: reading a snapshot, lowering it, and the whole way as `build.rs` goes it.

#![allow(missing_docs, reason = "criterion's macros")]

use std::{hint::black_box, path::Path};

use codegen::{
    emit, find, lower,
    pipeline::{self, Choice},
    report::Report,
    source::{self, Index},
};
use criterion::{Criterion, criterion_group, criterion_main};

fn generate(c: &mut Criterion) {
    let apidata = Path::new(env!("CARGO_MANIFEST_DIR")).join("../apidata");
    let bytes = std::fs::read(apidata.join("pve-9.2.json")).expect("the committed snapshot");
    let mut report = Report::default();
    let index = Index::read(&apidata, &mut report).expect("apidata.toml is sound");
    let source = source::parse(&bytes, "pve-9.2.json").expect("the snapshot is sound");
    let choice = Choice { apidata, pick: None, release: None };
    let api = pipeline::model(&choice, &mut report).expect("the model is sound");

    c.bench_function("read the 9.2 snapshot", |b| b.iter(|| source::parse(black_box(&bytes), "pve-9.2.json")));
    c.bench_function("lower what is in scope", |b| {
        b.iter(|| lower::lower(black_box(&source), "9.2", &index, &mut Report::default()));
    });
    c.bench_function("emit the code", |b| b.iter(|| emit::generate(black_box(&api))));
    let packed = find::index(&api, &choice.apidata, &mut report).expect("the lexicon is sound");
    let finds = find::ready(packed);
    let five = search::SearchLimits { count: 5, ..search::SearchLimits::default() };
    c.bench_function("a search of three words", |b| b.iter(|| finds.search(black_box("reboot the vm"), five).len()));
    c.bench_function("a search of a dozen words with slips of the pen", |b| {
        let text = "pleese take a snaphsot of the virtaul mashine web01 befor i upgrade the databse on it";
        b.iter(|| finds.search(black_box(text), five).len());
    });
    c.bench_function("all releases to code, as the build does", |b| {
        b.iter(|| pipeline::generate(black_box(&choice), &mut Report::default()));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = generate
}
criterion_main!(benches);
