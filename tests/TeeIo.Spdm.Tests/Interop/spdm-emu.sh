#!/bin/bash
# Runs both ends of TeeIo's SPDM against those of DMTF's spdm-emu, which is built elsewhere and given by its folder of programs and sample keys:
#   spdm-emu.sh .../spdm-emu/build/bin [pattern of the runs' names]
# A line for each run; the exit code is the number of runs that failed.
set -u
bin=$(realpath "${1:?say where the programs of spdm-emu are}")
pattern=${2:-.}
here=$(dirname "$(realpath "$0")")
teeio=(dotnet "$here/../../../sdk/TeeIo.Cli/bin/Debug/net10.0/teeio.dll")
work=$(mktemp -d)
trap 'kill $(jobs -p) 2> /dev/null; rm -rf "$work"' EXIT
cd "$bin" || exit 1
for curve in ecp256 ecp384 ecp521 rsa2048 rsa3072 rsa4096; do
    for role in requester responder; do cat $curve/ca.cert $curve/inter.cert "$curve/end_$role.cert" > "$work/$curve.$role.pem"; done
done
failed=0

say() { # name, code
    if [ "$2" = 0 ]; then echo "ok      $1"; else echo "FAILED  $1 ($2)"; failed=$((failed + 1)); fi
}

ours() { # name, options of their responder, options of our requester...
    local name=$1 theirs=$2; shift 2
    [[ "our requester, $name" =~ $pattern ]] || return 0
    # shellcheck disable=SC2086
    timeout 60 ./spdm_responder_emu $theirs > "$work/theirs" 2>&1 &
    sleep 0.5
    timeout 60 "${teeio[@]}" spdm requester --connect "127.0.0.1:${port:-2323}" "$@" > "$work/ours" 2>&1
    say "our requester, $name" $?
    kill %% 2> /dev/null; wait 2> /dev/null
}

theirs() { # name, options of their requester, options of our responder...
    local name=$1 theirs=$2; shift 2
    [[ "their requester, $name" =~ $pattern ]] || return 0
    timeout 120 "${teeio[@]}" spdm responder --listen "127.0.0.1:${port:-2323}" "$@" > "$work/ours" 2>&1 &
    until grep -q listening "$work/ours" 2> /dev/null; do sleep 0.1; kill -0 %% 2> /dev/null || break; done
    # shellcheck disable=SC2086
    timeout 100 ./spdm_requester_emu $theirs > "$work/theirs" 2>&1
    say "their requester, $name" $?
    kill %% 2> /dev/null; wait 2> /dev/null
    rm -f "$work/ours"
}

root="--root ecp384/ca.cert"
key="--cert-chain $work/ecp384.responder.pem --key ecp384/end_responder.key"
own="--cert-chain $work/ecp384.requester.pem --key ecp384/end_requester.key"
psk="--psk 5465737450736B48696E7400:5465737450736B4461746100"
all="--exe_conn DIGEST,CERT,CHAL,MEAS --exe_session KEY_EX,KEY_UPDATE,HEARTBEAT,MEAS,DIGEST,CERT"
pieces="--transfer-size 400 --message-size 100000"
caps="CERT,CHAL,ENCRYPT,MAC,KEY_EX,HBEAT,KEY_UPD"

for v in 1.1 1.2 1.3 1.4; do
    ours "$v over DOE with IDE_KM and TDISP" "--trans PCI_DOE" --version $v $root --function 0xbeef
    ours "$v over MCTP" "--trans MCTP" --version $v $root --transport mctp
    port=4194 ours "$v over TCP" "--trans TCP" --version $v $root --transport tcp
    ours "$v, keys that both had" "--trans PCI_DOE" --version $v $root $psk
    ours "$v, challenged in turn and authenticated in the handshake" "--trans PCI_DOE --req_asym ECDSA_P384" --version $v $root $own
    ours "$v, authenticated with implicit digests" "--trans PCI_DOE --req_asym ECDSA_P384 --mut_auth DIGESTS --basic_mut_auth NO" --version $v $root $own
    theirs "$v over DOE" "--trans PCI_DOE --ver $v $all" $key
    theirs "$v over MCTP" "--trans MCTP --ver $v $all" $key --transport mctp
    port=4194 theirs "$v over TCP" "--trans TCP --ver $v $all" $key --transport tcp
    theirs "$v, keys that both had" "--trans PCI_DOE --ver $v --exe_conn DIGEST,CERT,CHAL,MEAS --exe_session KEY_EX,PSK,KEY_UPDATE,HEARTBEAT,MEAS" $key $psk
    theirs "$v, authenticated in the handshake" "--trans PCI_DOE --ver $v --req_asym ECDSA_P384 --basic_mut_auth NO $all" $key --requester-root ecp384/ca.cert
    theirs "$v, keys that the responder changes" "--trans PCI_DOE --ver $v --cap $caps,ENCAP --key_upd RSP $all" $key
done
for v in 1.2 1.3 1.4; do
    ours "$v in pieces" "--trans PCI_DOE" --version $v $root $pieces
    theirs "$v in pieces" "--trans PCI_DOE --ver $v --cap $caps,CHUNK $all" $key --transfer-size 100 --message-size 100000
done
ours "P-256, SHA-256" "--trans PCI_DOE --asym ECDSA_P256 --hash SHA_256 --dhe SECP_256_R1" --version 1.3 --root ecp256/ca.cert
ours "P-521, SHA-512" "--trans PCI_DOE --asym ECDSA_P521 --hash SHA_512 --dhe SECP_521_R1" --version 1.3 --root ecp521/ca.cert --algorithms all
for bits in 2048 3072 4096; do
    ours "RSA-PSS of $bits bits" "--trans PCI_DOE --asym RSAPSS_$bits" --version 1.2 --root rsa$bits/ca.cert --algorithms all
    ours "RSASSA of $bits bits" "--trans PCI_DOE --asym RSASSA_$bits --hash SHA_256" --version 1.3 --root rsa$bits/ca.cert --algorithms all
done
for suite in AES_128_GCM CHACHA20_POLY1305; do ours "$suite" "--trans MCTP --aead $suite" --version 1.3 $root --transport mctp --algorithms all; done
theirs "P-256, SHA-256" "--trans PCI_DOE --ver 1.3 --asym ECDSA_P256 --hash SHA_256 --dhe SECP_256_R1 $all" --cert-chain "$work/ecp256.responder.pem" --key ecp256/end_responder.key
theirs "P-521, SHA-512" "--trans PCI_DOE --ver 1.3 --asym ECDSA_P521 --hash SHA_512 --dhe SECP_521_R1 $all" --cert-chain "$work/ecp521.responder.pem" --key ecp521/end_responder.key --algorithms all
theirs "RSA-PSS of 3072 bits" "--trans PCI_DOE --ver 1.2 --asym RSAPSS_3072 $all" --cert-chain "$work/rsa3072.responder.pem" --key rsa3072/end_responder.key --algorithms all
for suite in AES_128_GCM CHACHA20_POLY1305; do theirs "$suite" "--trans MCTP --ver 1.3 --aead $suite $all" $key --transport mctp --algorithms all; done
for t in PCI_DOE MCTP; do
    ours "records without encryption, $t" "--trans $t --cap CERT,CHAL,MEAS_SIG,MAC,KEY_EX,HBEAT,KEY_UPD" --version 1.2 $root --transport "$(tr A-Z_ a-z- <<< $t)"
    theirs "records without encryption, $t" "--trans $t --ver 1.2 --cap CERT,CHAL,MAC,KEY_EX,HBEAT,KEY_UPD $all" $key --transport "$(tr A-Z_ a-z- <<< $t)"
done
for v in 1.3 1.4; do theirs "$v, device class" "--trans PCI_DOE --ver $v --cap $caps --exe_conn DIGEST,CERT,CHAL,MEAS,EP_INFO --exe_session KEY_EX,EP_INFO" $key; done
ours "keys that both had, without the responder's context" "--trans PCI_DOE --cap CERT,CHAL,MEAS_SIG,ENCRYPT,MAC,KEY_EX,PSK,HBEAT,KEY_UPD" --version 1.3 $root $psk
for v in 1.1 1.2 1.3; do
    [[ "DMTF's validator, $v" =~ $pattern ]] || continue
    rm -f test.log
    timeout 120 "${teeio[@]}" spdm responder --version $v $key > "$work/ours" 2>&1 &
    until grep -q listening "$work/ours" 2> /dev/null; do sleep 0.1; kill -0 %% 2> /dev/null || break; done
    timeout 180 ./spdm_device_validator_sample --trans PCI_DOE > "$work/theirs" 2>&1
    result=$(grep "^test suite" test.log | sed 's/.* - //')
    [[ "$result" == *"fail: 0" ]]; say "DMTF's validator, $v: $result" $?
    kill %% 2> /dev/null; wait 2> /dev/null
    rm -f "$work/ours"
done
echo "$failed failed"
exit $failed
