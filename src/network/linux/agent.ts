/**
 * The first process of the fabric: makes listening sockets inside namespaces and hands them to Node.js. In Perl, which can enter a
 * namespace and pass a descriptor within a tenth of a millisecond, where a Node.js per socket takes fifty. Kept as text, for the compiler
 * carries no other files along; it needs nothing beyond the `perl-base` of Debian.
 *
 * It speaks the framing of Node.js's own channel to child processes (a JSON text per line, descriptors beside it). A request is
 * `{"request":"<id> <namespace or -> <tcp|udp|transparent> <address> <port>"}`; the answer is a handle with `{"id":<id>}`, or
 * `{"id":<id>,"error":"<errno's text>"}`. A transparent socket takes connections to any address that the filters give it. It ends, and with it every process of the fabric, when the channel closes.
 */
export const agentProgram = String.raw`
use strict; use warnings; use Socket; use Fcntl;

# The numbers of setns and sendmsg.
my %CALLS = (x86_64 => [308, 46], aarch64 => [268, 211], riscv64 => [268, 211], loongarch64 => [268, 211]);
my $machine = (machine_name())[0];
my $calls = $CALLS{$machine} or die "no system calls are known for $machine\n";
my ($SETNS, $SENDMSG) = @$calls;
my $CLONE_NEWNET = 0x40000000;
my $SCM_RIGHTS = 1;
my ($SOL_IP, $IP_TRANSPARENT) = (0, 19);
my $BACKLOG = 511;

# Orphans of the fabric become our children.
$SIG{CHLD} = 'IGNORE';

open(my $channel, '+<&=', $ENV{NODE_CHANNEL_FD}) or die "no channel: $!\n";
fcntl($channel, F_SETFL, fcntl($channel, F_GETFL, 0) & ~O_NONBLOCK);
open(my $home, '<', '/proc/self/ns/net') or die "no namespace: $!\n";

# Until /proc is mounted anew it shows the ids of the machine.
report(sprintf('{"pid":%d}', readlink('/proc/self')));

my $buffer = '';
while (sysread($channel, $buffer, 65536, length $buffer)) {
  while ($buffer =~ s/^([^\n]*)\n//) {
    answer(split / /, $1) if $1 =~ /^\{"request":"([^"]*)"\}$/;
  }
}

sub answer {
  my ($id, $namespace, $protocol, $address, $port) = @_;
  my $socket = eval { listening($namespace, $protocol, $address, $port) };
  my $error = $@;
  syscall($SETNS, fileno($home), $CLONE_NEWNET) == 0 or die "cannot return: $!\n";
  if (!$socket) {
    $error =~ s/[\\"\n]/ /g;
    return report(qq({"id":$id,"error":"$error"}));
  }
  my $type = $protocol eq 'udp' ? '"type":"dgram.Socket","dgramType":"udp4"' : '"type":"net.Server"';
  give(qq({"cmd":"NODE_HANDLE",$type,"msg":{"id":$id}}), fileno($socket));
}

sub listening {
  my ($namespace, $protocol, $address, $port) = @_;
  if ($namespace ne '-') {
    open(my $file, '<', "/run/netns/$namespace") or die "$!\n";
    syscall($SETNS, fileno($file), $CLONE_NEWNET) == 0 or die "$!\n";
  }
  my $udp = $protocol eq 'udp';
  socket(my $socket, PF_INET, $udp ? SOCK_DGRAM : SOCK_STREAM, 0) or die "$!\n";
  setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, 1) unless $udp;
  setsockopt($socket, $SOL_IP, $IP_TRANSPARENT, 1) or die "$!\n" if $protocol eq 'transparent';
  bind($socket, pack_sockaddr_in($port, inet_aton($address))) or die "$!\n";
  $udp or listen($socket, $BACKLOG) or die "$!\n";
  return $socket;
}

sub report { syswrite($channel, "$_[0]\n") }

# sendmsg with one message and one descriptor beside it: struct msghdr, iovec and cmsghdr of a 64-bit machine.
sub give {
  my ($text, $descriptor) = ("$_[0]\n", $_[1]);
  my $data = pack('P Q', $text, length $text);
  my $control = pack('Q i i i x4', 20, SOL_SOCKET, $SCM_RIGHTS, $descriptor);
  my $message = pack('Q I x4 P Q P Q i x4', 0, 0, $data, 1, $control, length $control, 0);
  syscall($SENDMSG, fileno($channel), $message, 0) >= 0 or die "cannot pass a socket: $!\n";
}

sub machine_name { my $name = qx(uname -m); chomp $name; return $name }
`
