"""What makes a machine an image: everything that is of this one machine is removed as the last thing that it does."""

from __future__ import annotations

#: Run by root. Whatever a template's own last step has done already does no harm a second time. The user that built it
#: goes with Azure's agent, where the image has it; else its login and home are removed here.
SCRIPT = """set -u
user=$1
if command -v cloud-init >/dev/null; then cloud-init clean --logs --seed >/dev/null 2>&1; fi
if command -v waagent >/dev/null; then waagent -force -deprovision >/dev/null 2>&1; fi
rm -f /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub /etc/sudoers.d/90-cloud-init-users
rm -f /var/lib/systemd/random-seed /var/lib/dhcp/*.leases /root/.bash_history
: >/etc/machine-id
[ ! -e /var/lib/dbus/machine-id ] || ln -sf /etc/machine-id /var/lib/dbus/machine-id
sed -i "/^$user:/d" /etc/passwd /etc/shadow /etc/group /etc/gshadow
rm -rf "/home/$user"
fstrim / 2>/dev/null
sync
"""
