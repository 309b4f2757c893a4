//! Times of every scenario and contender, of the adversaries, and of reading and building.

mod support;

use std::convert::Infallible;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{criterion_group, criterion_main, BatchSize, BenchmarkGroup, Criterion, Throughput};
use http::Request;
use tower_layer::Layer;
use tower_s3_cors::{CorsConfiguration, CorsLayer, S3};
use tower_service::Service;

use support::adversaries::{self, Made};
use support::contenders::{self, agree, call, with, Answer, Visit};
use support::scenarios::{self, Body, Scenario};

fn scenarios(criterion: &mut Criterion) {
    for scenario in scenarios::all() {
        agree(&scenario);
        let mut group = criterion.benchmark_group(&scenario.name);
        for name in contenders::ALL {
            with(name, &scenario, Timed { group: &mut group, name: name.as_str(), scenario: &scenario });
        }
        group.finish();
    }
}

struct Timed<'g, 'm> {
    group: &'g mut BenchmarkGroup<'m, WallTime>,
    name: &'static str,
    scenario: &'g Scenario,
}

impl Visit for Timed<'_, '_> {
    type Output = ();

    fn visit<S>(self, mut service: S)
    where
        S: Service<Request<Body>, Response = Answer, Error = Infallible>,
    {
        self.group.bench_function(self.name, |bencher| {
            bencher.iter_batched(
                || self.scenario.request(),
                |request| call(&mut service, request),
                BatchSize::SmallInput,
            );
        });
    }
}

fn adversaries(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("adversaries");
    for adversary in &adversaries::ALL {
        let layer = CorsLayer::new((adversary.policy)());
        let (mut fetch, mut s3) =
            (layer.clone().layer(Made(vec![])), layer.dialect(S3::default()).layer(Made(vec![])));
        group.bench_function(adversary.name, |bencher| {
            bencher.iter_batched(
                || (adversary.request)(adversary.size * 2),
                |request| {
                    if adversary.is_s3 {
                        call(&mut s3, request)
                    } else {
                        call(&mut fetch, request)
                    }
                },
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

fn building(criterion: &mut Criterion) {
    for scenario in scenarios::all().iter().filter(|scenario| scenario.name.starts_with("granted")) {
        let configuration = scenario.configuration();
        let (xml, json) = (configuration.to_xml(), configuration.to_json());
        assert_eq!(CorsConfiguration::from_xml(&xml).as_ref(), Ok(&configuration));
        assert_eq!(CorsConfiguration::from_json(&json).as_ref(), Ok(&configuration));
        let mut group = criterion.benchmark_group(format!("building: {}", scenario.name));
        group.throughput(Throughput::Bytes(xml.len() as u64));
        group.bench_function("from_xml", |bencher| bencher.iter(|| CorsConfiguration::from_xml(&xml)));
        group.bench_function("from_json", |bencher| bencher.iter(|| CorsConfiguration::from_json(&json)));
        group.bench_function("build", |bencher| bencher.iter(|| scenario.build(&configuration)));
        group.finish();
    }
}

fn settings() -> Criterion {
    Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(300))
}

criterion_group!(name = benches; config = settings(); targets = scenarios, adversaries, building);
criterion_main!(benches);
