//! The texts that every language has.

use crate::client::Phrases;

macro_rules! catalogue {
    ($($key:ident,)*) => {
        /// All texts of one language.
        #[derive(Debug)]
        pub(crate) struct Catalogue {
            $(pub(crate) $key: &'static str,)*
            /// What the client says of failures.
            pub(crate) errors: &'static Phrases,
        }

        impl Catalogue {
            /// Each text with its name.
            #[cfg(test)]
            pub(crate) fn entries(&self) -> Vec<(&'static str, &'static str)> {
                let mut all = vec![$((stringify!($key), self.$key),)*];
                all.extend(self.errors.entries());
                all
            }
        }
    };
}

catalogue! {
    instructions,
    instructions_api,
    // Titles and descriptions of the tools.
    search_api_title, search_api, p_query, describe_api_title, describe_api, call_api_title, call_api, p_api_id, p_fields, p_filter,
    list_vms_title, list_vms, list_cts_title, list_cts,
    get_vm_title, get_vm, get_ct_title, get_ct,
    start_vm_title, start_vm, start_ct_title, start_ct,
    stop_vm_title, stop_vm, stop_ct_title, stop_ct,
    restart_vm_title, restart_vm, restart_ct_title, restart_ct,
    delete_vm_title, delete_vm, delete_ct_title, delete_ct,
    // Descriptions of parameters.
    p_vmid, p_node, p_list_name, p_cursor, p_detail,
    p_timeout, p_purge, p_force, p_confirm,
    // Words.
    kind_vm, kind_ct, guest_named, guest_plain,
    col_vmid, col_name, col_status, col_node, col_cpus, col_load, col_mem, col_tags,
    template, locked, unnamed,
    // Outcomes.
    done_start, done_stop, done_shutdown, done_reboot, done_reset, done_delete,
    unchanged_running, unchanged_stopped,
    warned, failed, running, running_ha, cancelled, no_wait, facts, task_is, status_is, log_lines, after_unknown, halted,
    act_start, act_stop, act_shutdown, act_reboot, act_reset, act_delete,
    advice_template, advice_stop_busy, may_not_delete, no_quorum, advice_offline,
    not_running, advice_start, ignored, advice_reset, advice_stop, failed_so, warned_once, called_off, call_off, nothing_sent, ha_error, ha_asked, ha_asked_unknown, ha_asked_unseen, unstarted, not_up, pve_waits, lost, no_answer, how_to_look, node_offline,
    // Lists.
    node_away, nodes_away, row_odd, rows_odd, list_node_away, list_vm_one, list_ct_one, list_no_tag,
    list_no_tags, no_pool, no_pools, pool_unseen,
    list_vms_head, list_cts_head, list_more, list_stale, list_none, list_no_match, names_hidden, list_hidden,
    list_no_right, list_maybe_no_right, denied_task,
    // Get.
    get_up, get_cpu, get_mem, get_disk, get_mem_used, get_pending, get_pending_set, get_pending_delete, get_pending_force, get_ha,
    // Wrong arguments.
    list_shows, use_tool, block_running, with_tool,
    bad_arguments, unknown_tool, unknown_task, bad_argument, bad_value, need_vmid, bad_name, bad_tag, bad_pool, name_ambiguous, candidate, name_unknown, vmid_unknown, name_vmid_differ,
    no_node, wrong_kind, wrong_node, gone, bad_cursor, bad_node, wrong_type, wrong_enum, too_small, too_great, unknown_argument, meant, passed_over,
    type_integer, type_boolean, type_string,
    // Rules.
    denied, denied_unrecorded, unrecorded, audit_io, audit_broken, audit_torn,
    audit_no_file, audit_locked, audit_silent, audit_moved, audit_cut, audit_other,
    // Consent.
    plan_head, plan_state, plan_disks, plan_no_disks, plan_snapshots, plan_stays, plan_backups, plan_backups_purged, plan_replications,
    plan_backups_unknown, plan_replications_unknown, plan_rules, plan_rules_unknown, plan_likewise, plan_purge, plan_unreferenced, plan_force, plan_force_idle, plan_template, plan_ask,
    plan_code, plan_typed, consent_typed, consent_title, consent_field, consent_declined, consent_failed, consent_changed, ask_cancelled, ask_late, ask_odd,
    code_expired, code_wrong, code_spent, no_digest, no_seal,
    block_locked, block_protected, block_ha, block_running_vm, block_running_ct, block_replicated,
    block_head, block_refused,
    linked_clones,
}
