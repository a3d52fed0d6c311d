// What a node might answer, for the screens.
#pragma once

namespace holdfast::console::answers {

constexpr auto status = R"({
  "node": {"name": "a", "version": "0.4.0", "pid": 7, "phase": "serving",
           "started_at": "2026-11-23T00:00:00.000Z", "uptime_ms": 11520000, "shards": 2,
           "addresses": ["127.0.0.1:8080"]},
  "connections": {"open": 8214, "limit": 20000, "reserve": 0, "utilisation": 0.4107,
                  "opened_per_second": 112.2, "closed_per_second": 98.1,
                  "states": {"handshaking": 0, "open": 8199, "suspect": 12, "zombie": 3, "closing": 0},
                  "users": 7930, "users_at_limit": 14},
  "heartbeat": {"success_ratio": 0.998, "rtt_ms": {"p50": 23.1, "p99": 310.4}, "suspect": 12,
                "zombie": 3, "zombie_ratio": 0.000365, "pings": 1, "pongs": 1, "missed": 0},
  "traffic": {"in": {"messages": 1, "bytes": 1, "messages_per_second": 14200, "bytes_per_second": 3250585.6},
              "out": {"messages": 1, "bytes": 1, "messages_per_second": 48900, "bytes_per_second": 12373196.8},
              "slow_consumers": 2, "queued_bytes": 0},
  "actors": {"live": 8231, "longest_mailbox": {"actor": "pool", "messages": 3}, "restarts": 0,
             "loop_lag_ms": {"p50": 0.1, "p99": 0.4}},
  "alerts": [], "partial": []})";

/// A node that has just begun, whose pool and health are silent.
constexpr auto status_of_nothing = R"({
  "node": {"name": "a", "version": "0.4.0", "pid": 7, "phase": "draining", "started_at": null,
           "uptime_ms": 900, "shards": 2, "addresses": []},
  "connections": null,
  "heartbeat": {"success_ratio": null, "rtt_ms": null, "suspect": 0, "zombie": 0, "zombie_ratio": null,
                "pings": 0, "pongs": 0, "missed": 0},
  "traffic": null,
  "actors": {"live": 8, "longest_mailbox": null, "restarts": 1, "loop_lag_ms": null},
  "alerts": [{"name": "zombie_ratio", "active": true, "since": null, "value": 0.07, "threshold": 0.05,
              "clears": 0.04, "events": 40, "unit": "ratio", "summary": "zombies"}],
  "partial": ["pool", "health"]})";

constexpr auto connection = R"({
  "id": "a-7-8f21", "user": "u42", "address": "203.0.113.9:51234", "route": "/chat", "handler": "chat",
  "state": "open", "protocol": null, "draining": false, "shard": 1, "age_ms": 2467000, "idle_ms": 3000,
  "silence_ms": 1000, "rtt_ms": 21.2, "rtt_var_ms": 4.1, "missed_pongs": 0,
  "in": {"messages": 312, "bytes": 42000}, "out": {"messages": 4120, "bytes": 1258291},
  "queued": {"messages": 0, "bytes": 0}, "topics": [], "reading_paused": false,
  "history": [
    {"at_ms": 0, "from": "handshaking", "to": "open", "cause": "admitted", "explanation": "admitted, 2 of 5 for u42", "number": 2},
    {"at_ms": 1716000, "from": "open", "to": "suspect", "cause": "pong_missed", "explanation": "no frame for 40 s", "number": 1},
    {"at_ms": 1718000, "from": "suspect", "to": "open", "cause": "heard_again", "explanation": "pong, rtt 1.9 s", "number": 0}]})";

constexpr auto closed = R"({"items": [{
  "id": "a-7-8f21", "user": "u42", "route": "/chat", "address": "203.0.113.9:51234",
  "opened_at": "2026-11-23T01:00:56.000Z", "closed_at": "2026-11-23T03:12:07.119Z", "age_ms": 7871000,
  "code": 4000, "code_name": "heartbeat lost", "who": "node", "cause": "zombie_count",
  "explanation": "3 pongs missed", "detail": "last frame 61 s before",
  "in": {"messages": 312, "bytes": 42000}, "out": {"messages": 4120, "bytes": 1258291},
  "acknowledged": 4118, "never_written": {"messages": 2, "bytes": 90}, "unconfirmed_bytes": 0,
  "discarded_in": 0,
  "history": [{"at_ms": 0, "from": "handshaking", "to": "open", "cause": "admitted", "explanation": "admitted", "number": 1}]}],
  "next": "c9", "kept": 10000, "ever": 20000, "partial": []})";

constexpr auto plan = R"({
  "node": "a", "shards": 2,
  "population": {"leased": 6010, "plain": 2204, "zombies": 3, "slow_consumers": 1, "callbacks": 2},
  "lb_grace_ms": 0, "planned_end_ms": 16430, "deadline_ms": 30000, "fits": true, "overflow": 0,
  "arrivals_per_second": 500,
  "targets": [{"name": "b", "clients": 3500, "arrivals_per_second": 290},
              {"name": "c", "clients": 2510, "arrivals_per_second": 210}],
  "undirected_per_second": 0, "likely_forced": 0, "longest_ms": 65000,
  "callbacks": ["flush-audit", "close-db"]})";

constexpr auto actors = R"({"items": [
  {"name": "pool", "kind": "pool", "parent": "supervisor", "node": "a", "alive": true, "mailbox": 0,
   "messages": 1200000, "busy_ms": 913.4, "uptime_ms": 11520000, "restarts": 0, "last_failure": null},
  {"name": "pool/0", "kind": "pool_member", "parent": "pool", "node": "a", "alive": true, "mailbox": 2,
   "messages": 42, "busy_ms": 1, "uptime_ms": 11520000, "restarts": 1, "last_failure": "out of luck"},
  {"name": "health", "kind": "health", "parent": "supervisor", "node": "a", "alive": false, "mailbox": 0,
   "messages": 7, "busy_ms": 1, "uptime_ms": 0, "restarts": 0, "last_failure": null}],
  "partial": []})";

} // namespace holdfast::console::answers
