#!/usr/bin/env bash
# Install the mail readers of the differential oracle: Debian packages (root) and, below var/, those of npm.
set -euo pipefail
cd "$(dirname "$0")/../../.."
packages=(ripmime mpack maildrop mblaze notmuch uudeview libmime-tools-perl libemail-mime-perl ruby-mail
          php-cli php-mailparse gir1.2-gmime-3.0 python3-gi)
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ "${#missing[@]}" -gt 0 ]; then
  apt-get update -qq
  apt-get install -y -qq -o DPkg::Lock::Timeout=300 --no-install-recommends "${missing[@]}" >/dev/null
fi
# 3.9.0: later releases ask for a mailsplit that not every mirror carries
mkdir -p var/peers/node
npm install --silent --no-audit --no-fund --no-package-lock --prefix var/peers/node \
  mailparser@3.9.0 postal-mime@4.0.0 letterparser@0.1.8 emailjs-mime-parser@2.0.7 axe-core@4.10.3
