"""Peers that need more than a line to start: Haraka, amavisd-new, Postfix with rspamd as a milter.

Each takes an empty folder of its own, the port to listen on and the sink's, and returns a command to run (it ends with
the bench) or None where the peer is not installed. They mark what operators accept today: Haraka parses headers,
amavisd unpacks nothing (all checks bypassed) but keeps its books, rspamd runs the rules that need neither network nor
Redis. None of them looks for cards.

Haraka is looked for in ``$HARAKA_HOME/node_modules``; the others are Debian packages and need root.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

Command = list[str]

_AMAVIS = """\
use strict;
$max_servers = 10; $max_requests = 100000; $daemon_user = 'amavis'; $daemon_group = 'amavis';
$mydomain = 'example.net'; $myhostname = 'amavis.example.net';
$MYHOME = '{folder}'; $TEMPBASE = '{folder}/tmp'; $db_home = '{folder}/db'; $QUARANTINEDIR = undef;
$helpers_home = '{folder}/var'; $lock_file = '{folder}/amavisd.lock'; $pid_file = '{folder}/amavisd.pid';
$enable_db = 0; $enable_zmq = 0; $nanny_details_level = 0;
$inet_socket_bind = '127.0.0.1'; $inet_socket_port = {port}; @inet_acl = qw(127.0.0.0/8);
$forward_method = 'smtp:[127.0.0.1]:{sink}'; $notify_method = $forward_method;
$log_level = 0; $do_syslog = 0; $DO_SYSLOG = 0; $LOGFILE = '/dev/null'; $log_templ = undef; $log_recip_templ = undef;
$enable_dkim_verification = 0; $enable_dkim_signing = 0; $allow_disclaimers = 0;
@bypass_virus_checks_maps = (1); @bypass_spam_checks_maps = (1);
@bypass_banned_checks_maps = (1); @bypass_header_checks_maps = (1);
@local_domains_maps = (['.example.net']); @mynetworks = qw(127.0.0.0/8);
$final_virus_destiny = D_PASS; $final_banned_destiny = D_PASS;
$final_spam_destiny = D_PASS; $final_bad_header_destiny = D_PASS;
$smtpd_timeout = 120; $bypass_decode_parts = 1;
1;
"""
_RSPAMD_OFF = (
    "antivirus", "arc", "asn", "bimi", "contextal", "dcc", "dkim", "dkim_signing", "dmarc", "external_services",
    "fuzzy_check", "greylist", "hfilter", "history_redis", "known_senders", "multimap", "mx_check", "neural",
    "once_received", "phishing", "ratelimit", "rbl", "replies", "reputation", "rspamd_update", "spf", "surbl",
    "url_redirector", "whitelist",
)  # fmt: skip


def haraka(folder: Path, port: int, sink: int) -> Command | None:
    """Haraka in one process, with ``queue/smtp_forward``."""
    home = Path(os.environ.get("HARAKA_HOME", "."), "node_modules/Haraka")
    node = shutil.which("node")
    if node is None or not (home / "bin/haraka").exists():
        return None
    for name in ("config", "plugins", "queue"):
        (folder / name).mkdir(parents=True)
    (folder / "plugins/accept_all.js").write_text("exports.hook_rcpt = (next) => next(OK);\n")
    for name in ("connection.ini", "outbound.ini"):
        if (home / "config" / name).exists():
            shutil.copy(home / "config" / name, folder / "config" / name)
    settings = {
        "smtp.ini": f"listen=127.0.0.1:{port}\n",
        "plugins": "accept_all\nqueue/smtp_forward\n",
        "loglevel": "ERROR\n",
        "log.ini": "[main]\nlevel=ERROR\nformat=default\n",
        "me": "haraka.example\n",
        "databytes": "100000000\n",
        "max_unrecognized_commands": "10\n",
        "smtp_forward.ini": f"host=127.0.0.1\nport={sink}\ntimeout=60\nmax_connections=100\n",
    }
    for name, text in settings.items():
        (folder / "config" / name).write_text(text)
    return [node, str(home / "bin/haraka"), "-c", str(folder)]


def amavis(folder: Path, port: int, sink: int) -> Command | None:
    """amavisd-new with ten children and all checks bypassed."""
    found = shutil.which("amavisd", path=_PATH) or shutil.which("amavisd-new", path=_PATH)
    if found is None or os.geteuid() != 0:
        return None
    for name in ("tmp", "var", "db"):
        (folder / name).mkdir(parents=True)
    for path in (folder, *folder.iterdir()):
        shutil.chown(path, "amavis", "amavis")
    (folder / "etc").mkdir()
    configuration = folder / "etc/amavisd.conf"
    configuration.write_text(_AMAVIS.format(folder=folder, port=port, sink=sink))
    configuration.chmod(0o644)
    return [found, "-c", str(configuration), "foreground"]


def rspamd(folder: Path, port: int, _sink: int) -> Command | None:
    """rspamd's proxy worker as a milter on ``port``, scanning by itself; for Postfix."""
    found = shutil.which("rspamd", path=_PATH)
    if found is None or os.geteuid() != 0:
        return None
    local = folder / "local.d"
    for path in (local, folder / "run", folder / "db", folder / "logs"):
        path.mkdir(parents=True)
    for name in _RSPAMD_OFF:
        (local / f"{name}.conf").write_text("enabled = false;\n")
    for name in ("worker-normal.inc", "worker-controller.inc", "worker-fuzzy.inc", "classifier-bayes.conf"):
        (local / name).write_text("enabled = false;\n")
    proxy = f'bind_socket = "127.0.0.1:{port}";\nmilter = yes;\ncount = 2;\n'
    (local / "worker-proxy.inc").write_text(proxy + 'upstream "local" { default = yes; self_scan = yes; }\n')
    (local / "logging.inc").write_text('level = "error";\n')
    (local / "options.inc").write_text('dns { nameserver = ["127.0.0.1:9"]; timeout = 0.1s; retransmits = 1; }\n')
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, "_rspamd", "_rspamd")
    places = {"LOCAL_CONFDIR": folder, "RUNDIR": folder / "run", "DBDIR": folder / "db", "LOGDIR": folder / "logs"}
    return [found, "-f", "-u", "_rspamd", "-g", "_rspamd", *(f"--var={name}={path}" for name, path in places.items())]


_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"
STARTS: dict[str, Callable[[Path, int, int], Command | None]] = {"Haraka": haraka, "amavisd-new": amavis}
"""What stands between the port and the sink; rspamd stands behind Postfix, see :meth:`Bench.rspamd`."""
