//! Which function answers what: people and their rights, and what the cluster as a whole does.

use super::{Handler, bulk, ha, people, pools, replication};
use crate::spec::Method::{self, Delete, Get, Post, Put};

/// Users, groups, roles and what is granted to them.
pub(super) fn of_people(method: Method, path: &str) -> Option<Handler> {
    Some(match (method, path.strip_prefix("/access")?) {
        (Get, "/acl") => people::acl,
        (Put, "/acl") => people::grant,
        (Get, "/roles") => people::roles,
        (Get, "/roles/{roleid}") => people::role,
        (Post, "/roles") | (Put, "/roles/{roleid}") => people::write_role,
        (Delete, "/roles/{roleid}") => people::drop_role,
        (Post, "/users") => people::create_user,
        (Get, "/users/{userid}") => people::user,
        (Put, "/users/{userid}") => people::update_user,
        (Delete, "/users/{userid}") => people::drop_user,
        (Get, "/users/{userid}/token") => people::tokens,
        (Get, "/users/{userid}/token/{tokenid}") => people::token,
        (Post, "/users/{userid}/token/{tokenid}") => people::create_token,
        (Put, "/users/{userid}/token/{tokenid}") => people::update_token,
        (Delete, "/users/{userid}/token/{tokenid}") => people::drop_token,
        (Put, "/password") => people::password,
        (Get, "/groups") => people::groups,
        (Post, "/groups") => people::create_group,
        (Get, "/groups/{groupid}") => people::group,
        (Put, "/groups/{groupid}") => people::update_group,
        (Delete, "/groups/{groupid}") => people::drop_group,
        _ => return None,
    })
}

/// High availability, replication, pools, many guests at once.
pub(super) fn of_cluster(method: Method, path: &str) -> Option<Handler> {
    Some(match (method, path) {
        (Get, "/pools") => pools::list,
        (Post, "/pools") => pools::create,
        (Put, "/pools" | "/pools/{poolid}") => pools::update,
        (Delete, "/pools" | "/pools/{poolid}") => pools::remove,
        (Get, "/pools/{poolid}") => pools::one,
        (Get, "/cluster/ha/resources") => ha::list,
        (Post, "/cluster/ha/resources") => ha::create,
        (Get, "/cluster/ha/resources/{sid}") => ha::one,
        (Put, "/cluster/ha/resources/{sid}") => ha::update,
        (Delete, "/cluster/ha/resources/{sid}") => ha::remove,
        (Post, "/cluster/ha/resources/{sid}/migrate" | "/cluster/ha/resources/{sid}/relocate") => ha::relocate,
        (Get, "/cluster/ha/rules") => ha::rules,
        (Post, "/cluster/ha/rules") | (Put, "/cluster/ha/rules/{rule}") => ha::write_rule,
        (Get, "/cluster/ha/rules/{rule}") => ha::rule,
        (Delete, "/cluster/ha/rules/{rule}") => ha::drop_rule,
        (Get, "/cluster/ha/groups") => ha::groups,
        (Get, "/cluster/ha/status/current") => ha::status,
        (Get, "/cluster/ha/status/manager_status") => ha::manager,
        (Get, "/cluster/replication") => replication::list,
        (Post, "/cluster/replication") => replication::create,
        (Get, "/cluster/replication/{id}") => replication::one,
        (Put, "/cluster/replication/{id}") => replication::update,
        (Delete, "/cluster/replication/{id}") => replication::remove,
        (Get, "/cluster/bulk-action") => bulk::index,
        (Get, "/cluster/bulk-action/guest") => bulk::guest_index,
        (Post, "/cluster/bulk-action/guest/start") => bulk::start,
        (Post, "/cluster/bulk-action/guest/shutdown") => bulk::shut_down,
        (Post, "/cluster/bulk-action/guest/suspend") => bulk::suspend,
        (Post, "/cluster/bulk-action/guest/migrate") => bulk::migrate,
        _ => return None,
    })
}
