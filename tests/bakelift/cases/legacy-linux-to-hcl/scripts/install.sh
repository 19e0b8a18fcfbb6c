#!/bin/sh -e
apt-get update
apt-get install -y nginx
