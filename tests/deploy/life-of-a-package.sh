#!/bin/bash
# What an admin does with the package, from installation to purge. Runs as root on a throw-away copy of a machine without
# network (see test_deb.py): $1 the package, $2 a newer one, $3 a free folder. Stops at the first thing that is not so.
set -eEuo pipefail
trap 'echo "line $LINENO: $BASH_COMMAND" >&2' ERR
package=$1 newer=$2 work=$3
export DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
gateway=

never() { if "$@" >/dev/null 2>&1; then echo "should not be: $*" >&2; return 1; fi; }
step() { printf '== %s\n' "$1"; }
start() {
  pansentry serve -c /etc/pansentry/pansentry.yaml >"$work/log" 2>&1 &
  gateway=$!
  for _ in $(seq 200); do pansentry healthcheck -c /etc/pansentry/pansentry.yaml >/dev/null 2>&1 && return 0; sleep 0.1; done
  cat "$work/log" >&2
  return 1
}
stop() { kill "$gateway"; wait "$gateway"; }
trap '[ -z "$gateway" ] || kill "$gateway" 2>/dev/null || true' EXIT

ip link set lo up
cd "$work"
rm -rf /etc/pansentry /var/lib/pansentry  # of the machine that was copied

step "install, without a network"
dpkg -i "$package"
getent passwd pansentry | grep -q ':/var/lib/pansentry:/usr/sbin/nologin$'
[ "$(stat -c '%U:%G %a' /etc/pansentry)" = "root:pansentry 750" ]
[ "$(stat -c '%U:%G %a' /var/lib/pansentry)" = "pansentry:pansentry 700" ]
[ "$(pansentry --version)" = "pansentry $(dpkg-query -W -f '${Version}' pansentry | sed 's/-[^-]*$//')" ]
dpkg --verify pansentry | tee verified && [ ! -s verified ]
man --warnings pansentry-serve 2>&1 >/dev/null | tee warnings && [ ! -s warnings ]
systemd-analyze verify /lib/systemd/system/pansentry.service 2>&1 | grep -F pansentry.service: | tee warnings && [ ! -s warnings ]

step "a configuration, from questions; the shipped policies stay"
pansentry init --yes -d /etc/pansentry --name Meier --domain shop.example --mailbox maildir --hostname mx.shop.example \
  --phone "+41 44 668 18 00" --pay-page https://shop.example/pay | tee said
grep -q "Kept as they are" said
grep -q "systemctl enable --now pansentry" said
[ "$(stat -c '%U:%G %a' /etc/pansentry/dkim.pem)" = "root:pansentry 640" ]
pansentry policy check /etc/pansentry/policies

step "the gateway takes a card out of a mail, and is nobody's root"
start
[ "$(ps -o user= -p "$gateway")" = pansentr+ ] || [ "$(ps -o user= -p "$gateway")" = pansentry ]
/opt/pansentry/bin/python -I - <<'PYTHON'
import smtplib
with smtplib.SMTP("127.0.0.1", 25) as client:
    client.sendmail("eva@customer.example", ["shop@shop.example"], "Subject: card\r\n\r\nVisa 4111 1111 1111 1111, CVV 737\r\n")
PYTHON
grep -rq "XXXX XXXX XXXX 1111" /var/lib/pansentry/mailbox
never grep -rq "4111 1111 1111 1111" /var/lib/pansentry "$work/log"
stop

step "what the admin changed outlives an upgrade, and so does the state"
echo "# a change of mine" >>/etc/pansentry/policies/default.yaml
dpkg -i --force-confdef "$newer"
grep -q "a change of mine" /etc/pansentry/policies/default.yaml
[ "$(stat -c '%U' /etc/pansentry/policies/default.yaml)" = pansentry ]
pansentry db version -c /etc/pansentry/pansentry.yaml
start
stop
grep -rq "XXXX XXXX XXXX 1111" /var/lib/pansentry/mailbox

step "the settings outlive a removal"
dpkg -r pansentry
[ ! -e /usr/bin/pansentry ] && [ ! -e /opt/pansentry ]
[ -f /etc/pansentry/dkim.pem ] && [ -f /var/lib/pansentry/pansentry.db ]

step "a purge takes settings and state, and leaves mail to people"
cp /var/lib/dpkg/info/pansentry.postrm "$work/postrm"
dpkg -P pansentry 2>&1 | tee said
grep -q "there is mail in /var/lib/pansentry/mailbox" said
[ ! -e /etc/pansentry ]
[ "$(ls /var/lib/pansentry)" = mailbox ]
never dpkg-query -W pansentry
rm -r /var/lib/pansentry/mailbox
sh "$work/postrm" purge
[ ! -e /var/lib/pansentry ]
step "done"
