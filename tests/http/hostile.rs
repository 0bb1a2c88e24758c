//! Text that others wrote, over REST.

use proxmox_mcp::tools::{Options, pace::Pace};

use crate::{
    harness::{settings, start_with},
    strings::{scenario, strings, wrong, wrong_in},
};

#[tokio::test]
async fn what_owners_write_is_shown_as_escapes() {
    let server = start_with(settings(), Options { pace: Pace::UNBOUND, ..Options::default() }, scenario()).await;
    for path in ["/vms", "/vms?detail=full", "/containers", "/nodes"] {
        let body = server.get(path).await.json();
        assert_eq!(wrong_in(&body), None, "{path}: {body:.600}");
    }
    for n in 0..strings().len() {
        for path in [format!("/vms/{}", 100 + n), format!("/containers/{}", 200 + n)] {
            let body = server.get(&path).await.json();
            assert_eq!(wrong_in(&body), None, "{path}: {body:.600}");
        }
        let failed = server.post(&format!("/vms/{}/start", 100 + n)).await.json();
        assert_eq!(wrong_in(&failed), None, "{failed:.600}");
        assert_eq!(wrong(failed["detail"].as_str().unwrap_or_default()), None, "{failed:.600}");
        let upid = failed["upid"].as_str().expect("a task that failed");
        let task = server.get(&format!("/tasks/{upid}")).await.json();
        assert_eq!(wrong_in(&task), None, "{task:.600}");
    }
}
