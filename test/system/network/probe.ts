/** Real packets: sends probes from a place, all at once, and says what became of each. */
import { execFile } from 'node:child_process'

import type { Place } from '../../../src/network/network.ts'

export interface Probe {
  readonly protocol: 'tcp' | 'udp' | 'icmp'
  readonly to: string
  readonly port?: number
  readonly sourcePort?: number
}

export type ProbeResult =
  /** `answer`: the body of the response to a GET; of other protocols nothing. */
  { readonly outcome: 'connects'; readonly answer: string } | { readonly outcome: 'refused' | 'timeout' }

/**
 * How long nothing has to come for it to count as silence. Packets, refusals and pings are the kernel's business and take no time, whatever
 * else the machine does, but a SYN may be lost: where two of them become the same tuple at the same moment, the kernel drops one, which is
 * sent again after a second. What a process has to answer may take longer.
 */
const SILENCE_SECONDS = { kernel: 2.5, resolver: 3, service: 15 } as const
const PROBES_TIMEOUT_MS = 30_000

export async function probe(prefix: Place['prefix'], probes: readonly Probe[]): Promise<readonly ProbeResult[]> {
  const lines = probes.map(({ protocol, to, port, sourcePort }) => `${protocol} ${to} ${port ?? 0} ${sourcePort ?? 0}`)
  const [file = '', ...args] = [
    ...prefix,
    'perl',
    '-e',
    PROGRAM,
    ...Object.values(SILENCE_SECONDS).map(String),
    ...lines,
  ]
  const output = await new Promise<string>((resolve, reject) => {
    execFile(file, args, { timeout: PROBES_TIMEOUT_MS }, (error, stdout) => (error ? reject(error) : resolve(stdout)))
  })
  const results = new Map(output.split('\n').map((line) => [line.split(' ')[0], line.split(' ').slice(1)]))
  return probes.map((_, position): ProbeResult => {
    const [outcome, ...answer] = results.get(String(position)) ?? ['timeout']
    if (outcome === 'connects') return { outcome, answer: answer.join(' ') }
    if (outcome === 'refused' || outcome === 'timeout') return { outcome }
    throw new Error(`probe ${lines[position]} failed: ${outcome} ${answer.join(' ')}`)
  })
}

/** A DNS query for the address of `internet.isthmus.test`, of which other receivers of datagrams take no notice. */
const PROGRAM = String.raw`
use strict; use warnings; use Socket; use Fcntl; use Errno qw(EINPROGRESS ECONNREFUSED EAGAIN);
$| = 1;
$SIG{PIPE} = 'IGNORE';
my ($KERNEL, $RESOLVER, $SERVICE) = splice(@ARGV, 0, 3);
my $begun = clock();
my %open;
for my $id (0 .. $#ARGV) {
  my ($protocol, $address, $port, $source) = split / /, $ARGV[$id];
  my $type = $protocol eq 'tcp' ? SOCK_STREAM : $protocol eq 'udp' ? SOCK_DGRAM : SOCK_RAW;
  socket(my $socket, PF_INET, $type, $protocol eq 'icmp' ? 1 : 0) or fail($id);
  fcntl($socket, F_SETFL, O_NONBLOCK);
  setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, 1);
  bind($socket, pack_sockaddr_in($source, INADDR_ANY)) or fail($id) if $source;
  my $connected = connect($socket, pack_sockaddr_in($port, inet_aton($address)));
  if (!$connected && $! != EINPROGRESS) { $! == ECONNREFUSED ? done($id, 'refused') : done($id, 'timeout'); next }
  my $probe = $open{$id} = { socket => $socket, protocol => $protocol, port => $port, sent => 0, answer => '',
    until => $begun + ($protocol eq 'udp' && $port == 53 ? $RESOLVER : $KERNEL) };
  next if $protocol eq 'tcp';
  syswrite($socket, $protocol eq 'udp' ? query() : echo($id));
  $probe->{sent} = 1;
}
while (%open) {
  my ($reading, $writing, $until) = ('', '', undef);
  for my $probe (values %open) {
    vec($probe->{sent} ? $reading : $writing, fileno($probe->{socket}), 1) = 1;
    $until = $probe->{until} if !defined $until || $probe->{until} < $until;
  }
  my $left = $until - clock();
  my $ready = select(my $readable = $reading, my $writable = $writing, undef, $left < 0 ? 0 : $left);
  if ($ready <= 0) {
    my $now = clock();
    $open{$_}{until} <= $now and finish($_, 'timeout') for keys %open;
    next;
  }
  for my $id (keys %open) {
    my $probe = $open{$id};
    my $fd = fileno($probe->{socket});
    if (vec($writable, $fd, 1)) {
      my $error = unpack('i', getsockopt($probe->{socket}, SOL_SOCKET, SO_ERROR));
      if ($error) { finish($id, $error == ECONNREFUSED ? 'refused' : 'timeout'); next }
      syswrite($probe->{socket}, $probe->{port} == 53 ? pack('n/a', query()) : "GET / HTTP/1.0\r\nHost: x\r\n\r\n");
      $probe->{sent} = 1;
      $probe->{until} = clock() + $SERVICE;
    } elsif (vec($readable, $fd, 1)) {
      my $count = sysread($probe->{socket}, my $chunk, 65536);
      if (!defined $count) {
        next if $! == EAGAIN;
        finish($id, $! == ECONNREFUSED ? 'refused' : 'timeout');
      } elsif ($probe->{protocol} eq 'icmp') {
        # After the header of 20 bytes: an answer, not our own question on the way through loopback.
        finish($id, 'connects') if unpack('x20 C', $chunk) == 0 && unpack('x24 n', $chunk) == $id;
      } elsif ($probe->{protocol} eq 'udp' || $probe->{port} == 53) {
        finish($id, 'connects');
      } elsif ($count) {
        $probe->{answer} .= $chunk;
      } else {
        my (undef, $body) = split /\r\n\r\n/, $probe->{answer}, 2;
        finish($id, 'connects', $body // '');
      }
    }
  }
}

sub finish { my $id = shift; close($open{$id}{socket}); delete $open{$id}; done($id, @_) }
sub done { print join(' ', @_), "\n" }
sub fail { print "$_[0] $!\n"; exit 1 }
sub clock { my $seconds = '        ' x 2; syscall(clock_call(), 1, $seconds); my ($s, $ns) = unpack('q q', $seconds); return $s + $ns / 1e9 }
sub clock_call { return qx(uname -m) =~ /x86_64/ ? 228 : 113 }
sub query { return pack('n6', 7, 0x0100, 1, 0, 0, 0) . join('', map { chr(length) . $_ } qw(internet isthmus test)) . pack('C n n', 0, 1, 1) }
sub echo {
  my ($id) = @_;
  my $message = pack('C C n n n', 8, 0, 0, $id, 1);
  my $sum = unpack('%32n*', $message);
  $sum = ($sum & 0xffff) + ($sum >> 16) while $sum >> 16;
  return pack('C C n n n', 8, 0, ~$sum & 0xffff, $id, 1);
}
`
