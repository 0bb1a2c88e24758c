//! The client's numbers among the metrics: read when Prometheus asks.

use std::fmt;

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, counter::ConstCounter, gauge::ConstGauge},
};

use crate::tools::Tools;

/// Numbers of the client behind these tools.
pub struct PveNumbers(pub Tools);

impl fmt::Debug for PveNumbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PveNumbers")
    }
}

impl Collector for PveNumbers {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let counts = self.0.counts();
        let requests = counts.requests.iter().map(|(status, n)| (status.as_str(), *n));
        family(&mut encoder, "pve_requests", "Requests to Proxmox VE, by what came of them", "status", requests)?;
        let logins = [("ok", counts.logins), ("failed", counts.failed_logins)].into_iter();
        family(&mut encoder, "pve_logins", "Tickets asked for, by result; an API token needs none", "result", logins)?;
        let tasks = counts.tasks.iter().map(|(end, n)| (*end, *n));
        family(&mut encoder, "pve_tasks", "Tasks followed, by how the following ended", "outcome", tasks)?;
        let following = i64::try_from(counts.following.len()).unwrap_or(i64::MAX);
        let gauge = encoder.encode_descriptor(
            "pve_tasks_followed",
            "Tasks being followed at this moment",
            None,
            MetricType::Gauge,
        )?;
        ConstGauge::new(following).encode(gauge)
    }
}

fn family<'a>(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    label: &str,
    values: impl Iterator<Item = (&'a str, u64)>,
) -> Result<(), fmt::Error> {
    let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
    for (value, n) in values {
        ConstCounter::new(n).encode(family.encode_family(&[(label, value)])?)?;
    }
    Ok(())
}
