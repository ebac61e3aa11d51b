# What `./ok` says, in English and Japanese. Sourced by ./ok.
#
# say KEY [values...]       prints a message
# finish CODE KEY [values]  prints a message as the last line and ends with that exit code
# shellcheck shell=bash

language=en
case ${LC_ALL:-${LC_MESSAGES:-${LANG:-}}} in
  ja*) language=ja ;;
esac

language_given=no
# shellcheck disable=SC2034  # ./ok reads language_given.
set_language() {
  case $1 in
    en | ja) language=$1 language_given=yes ;;
    *) return 1 ;;
  esac
}

if [ -t 2 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
  bold=$'\e[1m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
else
  bold='' red='' green='' plain=''
fi

declare -A en ja
en[help]='Okiagari: an exchange that stays up. Usage: ./ok COMMAND [-y] [--lang en|ja]

  demo [args]  build, then run a whole exchange on this machine (./ok demo --help)
  drill NAME   build, then hurt an exchange and measure (./ok drill detect --help; docs/drills.md)
  test         build, then run every test; the last line counts them
  build        build everything into build/release
  doctor       look for what would keep the others from working, with the command that mends it
  help         this text

  -y           install missing Debian packages without asking
Exit codes: 0 ok, 1 failed, 2 usage, 3 works but not healthy.'
ja[help]='Okiagari: 倒れても起き上がる取引所。使い方: ./ok コマンド [-y] [--lang en|ja]

  demo [引数]  ビルドし、このマシンの上で取引所一式を動かします (./ok demo --help)
  drill 名前   ビルドし、取引所に故障を起こして測ります (./ok drill detect --help、docs/drills.ja.md)
  test         ビルドし、すべてのテストを実行します。最後の行が件数です
  build        すべてを build/release にビルドします
  doctor       うまく動かない原因を探し、直すコマンドとともに示します
  help         この説明

  -y           足りない Debian パッケージを確認なしで入れます
終了コード: 0 成功、1 失敗、2 使い方の誤り、3 動くが健全ではない。'
en[usage_lang]='--lang takes en or ja.'
ja[usage_lang]='--lang には en か ja を指定してください。'
en[usage_argument]='This command does not take "%s". See ./ok help.'
ja[usage_argument]='このコマンドに「%s」は指定できません。./ok help をご覧ください。'
en[usage_command]='There is no command "%s". The commands are: demo drill test build doctor help.'
ja[usage_command]='「%s」というコマンドはありません。コマンドは demo drill test build doctor help です。'
en[not_debian]='This is not Debian (dpkg-query is missing). packages.txt lists what to install by hand.'
ja[not_debian]='Debian ではないようです (dpkg-query がありません)。必要なものは packages.txt にあります。'
en[packages_missing]='Missing Debian packages: %s'
ja[packages_missing]='足りない Debian パッケージ: %s'
en[packages_command]='They are installed with: %s'
ja[packages_command]='次のコマンドで入れます: %s'
en[packages_ask]='Install them now? [y/N] '
ja[packages_ask]='今入れますか? [y/N] '
en[packages_refused]='Nothing was installed. Run the command above yourself, or this one again with -y.'
ja[packages_refused]='何も入れていません。上のコマンドを実行するか、-y を付けてもう一度実行してください。'
en[packages_no_root]='Neither root nor sudo is at hand. As root, run: %s'
ja[packages_no_root]='root でも sudo でもありません。root で実行してください: %s'
en[packages_failed]='FAILED: the packages could not be installed with: %s'
ja[packages_failed]='失敗: パッケージを入れられませんでした: %s'
en[parts_fetching]='Fetching programs that the tests start, into build/parts: %s'
ja[parts_fetching]='テストが起動するプログラムを build/parts に取得しています: %s'
en[parts_failed]='FAILED: these packages could not be fetched: %s'
ja[parts_failed]='失敗: パッケージを取得できませんでした: %s'
en[configuring]='Configuring (build/release)'
ja[configuring]='ビルドの準備をしています (build/release)'
en[configure_failed]='FAILED: configuring. The reason is above; ./ok doctor may know more.'
ja[configure_failed]='失敗: ビルドの準備。理由は上にあります。./ok doctor も試してください。'
en[building]='Building'
ja[building]='ビルドしています'
en[build_failed]='FAILED: the build. The first error is above; ./ok doctor may know more.'
ja[build_failed]='失敗: ビルド。最初のエラーは上にあります。./ok doctor も試してください。'
en[build_done]='Built in %s: build/release/okiagari'
ja[build_done]='%s でビルドしました: build/release/okiagari'
en[testing_rooms]='Tests of the rooms, the simulator and the tools'
ja[testing_rooms]='各部屋・シミュレータ・ツールのテスト'
en[testing_fuzz]='Fuzzers, a short run of each'
ja[testing_fuzz]='ファザー (それぞれ短時間)'
en[testing_mutants]='Faults planted in the core, a sample'
ja[testing_mutants]='コアに仕込んだ誤り (抜き取り)'
en[testing_clients]='Existing bitbank clients against a running demo'
ja[testing_clients]='既存の bitbank クライアントによるテスト (デモに対して)'
en[clients_install_failed]='The clients could not be installed (npm ci in test/clients).'
ja[clients_install_failed]='クライアントを入れられませんでした (test/clients で npm ci)。'
en[tests_took]='Everything together took %s.'
ja[tests_took]='全体で %s かかりました。'
en[doctor_good]='No problem found.'
ja[doctor_good]='問題は見つかりませんでした。'
en[doctor_degraded]='It works, but %s of the lines above should be mended.'
ja[doctor_degraded]='動きますが、上の %s 件は直したほうがよい状態です。'
en[doctor_broken]='It cannot work yet: %s of the lines above must be mended first.'
ja[doctor_broken]='まだ動きません。先に直すべきものが上に %s 件あります。'
en[doctor_system]='D01 This is not Debian 12: %s. Nothing else is tested. Mend: use a Debian 12 machine'
ja[doctor_system]='D01 Debian 12 ではありません: %s。ほかでは試験していません。対処: Debian 12 を使う'
en[doctor_packages]='D02 Packages are missing: %s. Mend: %s'
ja[doctor_packages]='D02 パッケージが足りません: %s。対処: %s'
en[doctor_compiler]='D03 The compiler is %s; g++ 12.2 or newer is needed. Mend: %s'
ja[doctor_compiler]='D03 コンパイラは %s です。g++ 12.2 以上が必要です。対処: %s'
en[doctor_disk]='D04 Only %s MiB free here; a build with tests takes %s MiB. Mend: rm -rf build, or free space'
ja[doctor_disk]='D04 空きが %s MiB しかありません (必要 %s MiB)。対処: rm -rf build、または空きを作る'
en[doctor_memory]='D05 Only %s MiB of memory available; %s MiB are advised. Mend: CMAKE_BUILD_PARALLEL_LEVEL=1 ./ok build'
ja[doctor_memory]='D05 使えるメモリが %s MiB しかありません (目安 %s MiB)。対処: CMAKE_BUILD_PARALLEL_LEVEL=1 ./ok build'
en[doctor_ports]='D06 Only %s ports are open to choose from on loopback. Mend: sysctl -w net.ipv4.ip_local_port_range="32768 60999"'
ja[doctor_ports]='D06 ループバックで選べるポートが %s 個しかありません。対処: sysctl -w net.ipv4.ip_local_port_range="32768 60999"'
en[doctor_loopback]='D07 A loopback socket could not be opened: %s. Mend: ip link set lo up'
ja[doctor_loopback]='D07 ループバックのソケットを開けません: %s。対処: ip link set lo up'
en[doctor_clock_back]='D08 The clock says %s, before the newest file here. Signed requests would be refused. Mend: date -s, or timedatectl set-ntp true'
ja[doctor_clock_back]='D08 時計が %s を指し、ここの新しいファイルより前です。署名付き要求が拒否されます。対処: date -s、または timedatectl set-ntp true'
en[doctor_clock_free]='D09 The clock is not synchronized. Fine for the demo, not for an exchange. Mend: apt-get install -y chrony'
ja[doctor_clock_free]='D09 時計が同期していません。デモには十分ですが本番には不足です。対処: apt-get install -y chrony'
en[doctor_files]='D10 Only %s files may be open at once (ulimit -n); %s are needed. Mend: ulimit -n %s'
ja[doctor_files]='D10 同時に開けるファイルが %s 個です (ulimit -n、必要 %s)。対処: ulimit -n %s'
en[doctor_fsync]='D11 The disk of %s takes %s ms for a durable write; every order waits for it. Mend: put this tree on a faster disk'
ja[doctor_fsync]='D11 %s のディスクは確実な書き込みに %s ms かかり、注文はすべてこれを待ちます。対処: このツリーを速いディスクへ移す'
en[doctor_fsync_failed]='D12 A durable write in %s failed: %s. Mend: put this tree where you can write'
ja[doctor_fsync_failed]='D12 %s への書き込みに失敗しました: %s。対処: 書き込める場所へ移す'
en[doctor_stale]='D13 build/release was configured for %s. Mend: rm -rf build/release'
ja[doctor_stale]='D13 build/release は %s のために作られたものです。対処: rm -rf build/release'
en[doctor_ccache]='D14 ccache cannot write to %s, so every build is a full one. Mend: export CCACHE_DIR=DIR'
ja[doctor_ccache]='D14 ccache が %s に書き込めず、毎回すべてをビルドします。対処: export CCACHE_DIR=DIR'
en[doctor_node]='D15 Node.js is %s; the client tests need 18 or newer. Mend: %s'
ja[doctor_node]='D15 Node.js は %s です。クライアントのテストには 18 以上が必要です。対処: %s'
en[doctor_rights]='D16 %s cannot be written by you. Mend: chown -R %s %s'
ja[doctor_rights]='D16 %s に書き込めません。対処: chown -R %s %s'

# The format comes from the tables above, never from outside.
# shellcheck disable=SC2059
say() {
  local key=$1 format
  shift
  if [ "$language" = ja ]; then format=${ja[$key]}; else format=${en[$key]}; fi
  printf "$format\n" "$@"
}

headline() { printf '%s== %s%s\n' "$bold" "$(say "$@")" "$plain"; }

finish() {
  local code=$1
  shift
  if [ "$code" -eq 0 ]; then
    printf '%s%s%s\n' "$green" "$(say "$@")" "$plain"
  else
    printf '%s%s%s\n' "$red" "$(say "$@")" "$plain" >&2
  fi
  exit "$code"
}

elapsed() { printf '%d:%02d min' $((SECONDS / 60)) $((SECONDS % 60)); }
