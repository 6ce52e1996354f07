import { expect } from "chai";
import { ipAddress } from "../../lib/transport/address.ts";

describe("transport/address", () => {
  for (const [host, family, shown] of [
    ["192.0.2.1", "IPv4", "192.0.2.1"],
    ["::ffff:192.0.2.1", "IPv4", "192.0.2.1"],
    ["::1", "IPv6", "::1"],
    ["::ffff:c000:201", "IPv6", "::ffff:c000:201"],
    ["fe80::1%eth0", "IPv6", "fe80::1%eth0"],
  ] as const) {
    it(`takes ${host} for ${family} ${shown}`, () => {
      expect(ipAddress(host, 80)).to.deep.equal({ family, host: shown, port: 80 });
    });
  }
});
