#!/bin/bash
set -eux
# Leave nothing behind.
rm -f /etc/ssh/ssh_host_*

waagent -force -deprovision+user
export HISTSIZE=0
sync
