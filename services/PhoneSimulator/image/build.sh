#!/usr/bin/env bash
# Builds the container image of the simulated phone where there is no registry: the published program and the C libraries of
# this machine (Linux with glibc, x64 or arm64). DOCKER_HOST says which engine gets it.
#   services/PhoneSimulator/image/build.sh [NAME:TAG]      cloudphone/phone-simulator:dev unless told otherwise
set -euo pipefail
tag=${1:-cloudphone/phone-simulator:dev}
here=$(cd "$(dirname "$0")/.." && pwd)
case $(uname -m) in
    x86_64) runtime=linux-x64 ;;
    aarch64) runtime=linux-arm64 ;;
    *) echo "No runtime for $(uname -m)." >&2; exit 1 ;;
esac
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/phone" "$root/data" "$root/etc" "$root/tmp"
chmod 1777 "$root/tmp"
dotnet publish "$here/PhoneSimulator.csproj" -c Release -r "$runtime" --self-contained -p:PublishTrimmed=true \
    -p:DebugType=none -o "$root/phone" -v q --nologo

libraries() { # what a program or library needs, the loader included
    ldd "$@" 2>/dev/null | grep -o '/[^ ]*' | grep -v ':$' | sort -u
}
openssl=$(ldconfig -p | awk '/lib(ssl|crypto)\.so\.3 /{print $NF}')
for library in $(libraries "$root/phone/CloudPhone.PhoneSimulator" "$root"/phone/*.so $openssl) $openssl; do
    case $library in "$root"/*) continue ;; esac
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
done
echo 'root:x:0:0:root:/:/bin/false' > "$root/etc/passwd"
tar -C "$root" -c . | docker import \
    --change 'ENTRYPOINT ["/phone/CloudPhone.PhoneSimulator", "--container"]' \
    --change 'ENV DOTNET_EnableDiagnostics=0' --change 'EXPOSE 5555' --change 'VOLUME /data' \
    --message "CloudPhone's simulated phone" - "$tag" >/dev/null
echo "$tag"
