import { expect } from "chai";
import { checkedEndpoints } from "../../lib/cli/endpoints.ts";
import { Failure } from "../../lib/cli/failure.ts";

interface Case {
  readonly text: string;
  readonly becomes: string;
  /** Whether only this machine can reach it. */
  readonly isLocal: boolean;
}

const CASES: readonly Case[] = [
  { text: "8080", becomes: "tcp:8080:interface=127.0.0.1", isLocal: true },
  { text: "tcp:8080", becomes: "tcp:8080:interface=127.0.0.1", isLocal: true },
  { text: "tls:1:privateKey=k", becomes: "tls:1:privateKey=k:interface=127.0.0.1", isLocal: true },
  { text: "tcp:0:interface=localhost", becomes: "tcp:0:interface=localhost", isLocal: true },
  { text: "tcp:0:interface=127.0.0.9", becomes: "tcp:0:interface=127.0.0.9", isLocal: true },
  { text: "[::1]:0", becomes: "[::1]:0", isLocal: true },
  { text: "tcp:0:interface=0.0.0.0", becomes: "tcp:0:interface=0.0.0.0", isLocal: false },
  { text: "tcp6:0", becomes: "tcp6:0", isLocal: false },
  { text: "unix:/run/x.sock", becomes: "unix:/run/x.sock", isLocal: false },
  { text: "fd:3", becomes: "fd:3", isLocal: false },
];

describe("cli/endpoints", () => {
  for (const { text, becomes, isLocal } of CASES) {
    it(`${text} becomes ${becomes} and is ${isLocal ? "for this machine" : "for others too"}`, () => {
      expect(checkedEndpoints([text], false)).to.deep.equal([becomes]);
      const strictly = (): unknown => checkedEndpoints([text], true);
      if (isLocal) expect(strictly()).to.deep.equal([becomes]);
      else
        expect(strictly).to.throw(Failure, "is for this machine only").with.property("exitCode", 2);
    });
  }

  it("refuses what is not understood, in one line", () => {
    expect(() => checkedEndpoints(["tcp:8080", "udp:53"], false))
      .to.throw(Failure, /^web: endpoint "udp:53": .*$/)
      .with.property("exitCode", 2);
  });
});
