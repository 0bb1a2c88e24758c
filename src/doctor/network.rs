//! From a host's name to its certificate.

use std::net::SocketAddr;

use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};

use super::{Area, Diagnosis};
use crate::client::{self, Error, Greeting, Host, Presented, Settings, Tls};

/// Looks at each host; gives the greeting of the first that answers.
pub(super) async fn examine(settings: &Settings, report: &mut Diagnosis<'_>) -> Option<Greeting> {
    let mut first = None;
    for host in &settings.hosts {
        let Some(addresses) = resolve(settings, host, report).await else { continue };
        if !connect(settings, host, &addresses, report).await {
            continue;
        }
        let greeting = greet(settings, host, report).await;
        first = first.or(greeting);
    }
    first
}

async fn resolve(settings: &Settings, host: &Host, report: &mut Diagnosis<'_>) -> Option<Vec<SocketAddr>> {
    let found = timeout(settings.timeouts.connect, lookup_host((host.name.as_str(), host.port))).await;
    let why = match found {
        Ok(Ok(addresses)) => {
            let addresses: Vec<_> = addresses.collect();
            if !addresses.is_empty() {
                let list: Vec<_> = addresses.iter().map(|a| a.ip().to_string()).collect();
                report.ok(Area::Names, format!("{} is {}", host.name, list.join(", ")));
                return Some(addresses);
            }
            "it has no address".to_owned()
        }
        Ok(Err(error)) => error.to_string(),
        Err(_) => "the name server did not answer in time".to_owned(),
    };
    report.fail(
        Area::Names,
        format!("{} cannot be resolved: {why}", host.name),
        "check the spelling of PROXMOX_HOST, or give the host's IP address",
    );
    None
}

/// Whether the client will get a connection: it tries the addresses one after the other.
async fn connect(settings: &Settings, host: &Host, addresses: &[SocketAddr], report: &mut Diagnosis<'_>) -> bool {
    let mut any = false;
    for address in addresses {
        let why = match timeout(settings.timeouts.connect, TcpStream::connect(address)).await {
            Ok(Ok(_)) => {
                report.ok(Area::Tcp, format!("{address} accepts connections"));
                any = true;
                continue;
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "no answer in time".to_owned(),
        };
        let what = format!("no connection to {address}: {why}");
        if any || addresses.len() > 1 {
            report.warn(
                Area::Tcp,
                what,
                format!("remove the address from the name {}, or open the way to it", host.name),
            );
        } else {
            report.fail(
                Area::Tcp,
                what,
                format!(
                    "check that the host is up, that PROXMOX_PORT is right ({}; PVE listens on 8006), and that no \
                     firewall is in between",
                    host.port
                ),
            );
        }
    }
    any
}

async fn greet(settings: &Settings, host: &Host, report: &mut Diagnosis<'_>) -> Option<Greeting> {
    match client::greet(settings, host).await {
        Ok(greeting) => {
            trusted(settings, host, greeting.certificate.as_ref(), report);
            Some(greeting)
        }
        Err(Error::Tls(failure)) => {
            report.fail(Area::Tls, format!("{host}: {}", failure.why), failure.cure.to_string());
            if let Some(shown) = &failure.presented {
                report.skipped(Area::Tls, describe(shown));
            }
            None
        }
        Err(error) => {
            report.fail(
                Area::Tls,
                error.to_string(),
                "check that PROXMOX_HOST and PROXMOX_PORT name a Proxmox VE host",
            );
            None
        }
    }
}

fn trusted(settings: &Settings, host: &Host, certificate: Option<&Presented>, report: &mut Diagnosis<'_>) {
    let shown = certificate.map_or_else(|| "a certificate".to_owned(), describe);
    let how = match &settings.tls {
        Tls::AcceptAny => {
            let cure = certificate.map_or_else(
                || "set PROXMOX_FINGERPRINT or PROXMOX_CA_FILE instead".to_owned(),
                |c| format!("unset PROXMOX_REJECT_UNAUTHORIZED and set PROXMOX_FINGERPRINT={}", c.fingerprint),
            );
            let what = format!("{host}: any certificate is accepted, so anyone in between can read the credentials");
            return report.warn(Area::Tls, what, cure);
        }
        Tls::System => "trusted by this system",
        Tls::CaFile(_) => "trusted by PROXMOX_CA_FILE",
        Tls::Pinned(_) => "pinned by PROXMOX_FINGERPRINT",
    };
    report.ok(Area::Tls, format!("{host}: {shown}, {how}"));
}

fn describe(certificate: &Presented) -> String {
    format!(
        "certificate of {} by {}, until {}, SHA-256 {}",
        certificate.subject, certificate.issuer, certificate.expires, certificate.fingerprint
    )
}
