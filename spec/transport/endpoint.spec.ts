import { expect } from "chai";
import { type Endpoint, parseEndpoint, type TcpEndpoint } from "../../lib/transport/endpoint.ts";
import { EndpointError } from "../../lib/transport/endpoint-error.ts";

function tcp(port: number, rest: Partial<TcpEndpoint> = {}): TcpEndpoint {
  const plain = { host: undefined, ipv6Only: false, backlog: undefined, tls: undefined };
  return { kind: "tcp", port, ...plain, ...rest };
}

function unix(path: string, mode?: number, backlog?: number): Endpoint {
  return { kind: "unix", path, mode, backlog };
}

const KEY = { privateKey: "k.pem", cert: "k.pem", chain: undefined };

const UNDERSTOOD: readonly (readonly [text: number | string, Endpoint])[] = [
  [8080, tcp(8080)],
  [0, tcp(0)],
  ["8080", tcp(8080)],
  ["65535", tcp(65_535)],
  ["127.0.0.1:8080", tcp(8080, { host: "127.0.0.1" })],
  ["localhost:8080", tcp(8080, { host: "localhost" })],
  ["[::1]:8080", tcp(8080, { host: "::1" })],
  ["tcp:8080", tcp(8080)],
  ["tcp:port=8080", tcp(8080)],
  ["tcp:0:interface=127.0.0.1", tcp(0, { host: "127.0.0.1" })],
  ["tcp:interface=127.0.0.1:port=1", tcp(1, { host: "127.0.0.1" })],
  ["tcp:80:backlog=50:interface=host.example", tcp(80, { host: "host.example", backlog: 50 })],
  ["tcp:80:interface=[::1]", tcp(80, { host: "::1" })],
  ["tcp:80:interface=[fe80::1%eth0]", tcp(80, { host: "fe80::1%eth0" })],
  ["tcp:80:interface=\\:\\:1", tcp(80, { host: "::1" })],
  ["tcp:80:backlog=1", tcp(80, { backlog: 1 })],
  ["tcp:80:backlog=65535", tcp(80, { backlog: 65_535 })],
  ["tcp6:80", tcp(80, { host: "::", ipv6Only: true })],
  ["tcp6:80:interface=[::1]", tcp(80, { host: "::1", ipv6Only: true })],
  ["tls:443:privateKey=k.pem", tcp(443, { tls: KEY })],
  ["ssl:443:privateKey=k.pem", tcp(443, { tls: KEY })],
  ["tls:443:privateKey=k.pem:cert=c.pem", tcp(443, { tls: { ...KEY, cert: "c.pem" } })],
  ["tls:443:privateKey=k.pem:certKey=c.pem", tcp(443, { tls: { ...KEY, cert: "c.pem" } })],
  ["tls:443:privateKey=k.pem:ca=a.pem", tcp(443, { tls: { ...KEY, chain: "a.pem" } })],
  ["ssl:443:privateKey=k.pem:extraCertChain=a.pem", tcp(443, { tls: { ...KEY, chain: "a.pem" } })],
  [
    "tls:443:privateKey=C\\:\\\\k.pem",
    tcp(443, { tls: { ...KEY, privateKey: "C:\\k.pem", cert: "C:\\k.pem" } }),
  ],
  ["unix:/run/x.sock", unix("/run/x.sock")],
  ["unix:x.sock", unix("x.sock")],
  ["unix:path=/run/x.sock", unix("/run/x.sock")],
  ["unix:address=/run/x.sock", unix("/run/x.sock")],
  ["unix:/run/x.sock:mode=660:backlog=7", unix("/run/x.sock", 0o660, 7)],
  ["unix:/run/x.sock:mode=0600", unix("/run/x.sock", 0o600)],
  ["unix:/run/a\\:b.sock", unix("/run/a:b.sock")],
  ["unix:/run/a=b.sock", unix("/run/a=b.sock")],
  ["unix:a\\=b.sock", unix("a=b.sock")],
  ["unix:/run/[ab:c].sock", unix("/run/[ab:c].sock")],
  ["unix:/run/a\\\\b", unix("/run/a\\b")],
  [`unix:/${"x".repeat(106)}`, unix(`/${"x".repeat(106)}`)],
  ["fd:3", { kind: "fd", fd: 3 }],
  ["fd:0", { kind: "fd", fd: 0 }],
];

const REFUSED: readonly (readonly [text: number | string, why: string])[] = [
  ["", '"" is neither a port nor one of tcp, tcp6, tls, ssl, unix, fd'],
  ["http:80", '"http" is neither a port nor one of'],
  ["constructor:80", '"constructor" is neither a port nor one of'],
  ["host.example:80", '"host.example" is neither a port nor one of'],
  ["127.0.0.1:80:90", '"127.0.0.1" is neither a port nor one of'],
  ["/run/x.sock", '"/run/x.sock" is neither a port nor one of'],
  [-1, '"-1" is neither a port nor one of'],
  [1.5, '"1.5" is neither a port nor one of'],
  [65_536, 'port "65536" is not a number from 0 to 65535'],
  ["99999999999", '"99999999999" is neither a port'],
  ["tcp", "no port; usage: tcp:PORT[:interface=ADDRESS][:backlog=N]"],
  ["tcp:", "port is empty"],
  ["tcp:80:", '"" has no name'],
  ["tcp:http", 'port "http" is not a number from 0 to 65535'],
  ["tcp:-1", 'port "-1" is not a number'],
  ["tcp:+80", 'port "+80" is not a number'],
  ["tcp:0x50", 'port "0x50" is not a number'],
  ["tcp:80\\", 'port "80\\" is not a number'],
  ["tcp:80:127.0.0.1", '"127.0.0.1" has no name'],
  ["tcp:80:interface=", "interface is empty, or its colons are not escaped"],
  ["tcp:80:port=81", "port is given twice"],
  ["tcp:80:backlog=0", 'backlog "0" is not a number from 1 to 65535'],
  ["tcp:80:backlog=65536", 'backlog "65536" is not a number from 1 to 65535'],
  ["tcp:80:interfaces=::", "it takes no interfaces"],
  ["tcp:80:toString=1", "it takes no toString"],
  ["tls:443", "no privateKey; usage: tls:PORT:privateKey=FILE"],
  ["tls:443:privateKey=a:certKey=b:cert=c", "cert is given twice"],
  ["tls:443:privateKey=k.pem:interface=::1", "interface is empty, or its colons are not escaped"],
  ["unix:", "path is empty"],
  ["unix", "no path; usage: unix:PATH[:mode=OCTAL][:backlog=N]"],
  [`unix:/${"x".repeat(107)}`, "the path has 108 bytes, more than 107"],
  ["unix:/x:mode=689", 'mode "689" is not octal'],
  ["unix:/x:mode=07777", 'mode "07777" is not octal'],
  ["fd", "no number; usage: fd:NUMBER"],
  ["fd:-3", 'fd "-3" is not a number from 0 to 2147483647'],
  ["fd:2147483648", "is not a number from 0 to 2147483647"],
  ["fd:3:tcp", '"tcp" has no name'],
];

describe("transport/endpoint", () => {
  for (const [text, endpoint] of UNDERSTOOD) {
    it(`understands ${JSON.stringify(text)}`, () => {
      expect(parseEndpoint(text)).to.deep.equal(endpoint);
    });
  }

  for (const [text, why] of REFUSED) {
    it(`refuses ${JSON.stringify(text)}: ${why}`, () => {
      expect(() => parseEndpoint(text))
        .to.throw(EndpointError, why)
        .with.property("code", undefined);
      expect(() => parseEndpoint(text)).to.throw(`endpoint "${text}": `);
    });
  }
});
