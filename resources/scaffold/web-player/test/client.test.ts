// Against a running node: MYCELIX_SERVER names it, MYCELIX_CHAIN_ID its chain. It needs one song.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { keccak_256 } from "@noble/hashes/sha3";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils";
import * as secp from "@noble/secp256k1";
import { Client, Refused, heard, type Signer } from "../src/client.js";

const server = process.env["MYCELIX_SERVER"] ?? "";
const chainId = Number(process.env["MYCELIX_CHAIN_ID"] ?? 100);
const options = { skip: server ? false : "MYCELIX_SERVER names no node" };

/** A new account that signs as a wallet does. */
function somebody(): Signer {
  const key = randomBytes(32);
  const plain = bytesToHex(keccak_256(secp.getPublicKey(key, false).slice(1)).slice(12));
  const check = bytesToHex(keccak_256(utf8ToBytes(plain)));
  const address = [...plain].map((digit, place) => (parseInt(check[place] ?? "0", 16) > 7 ? digit.toUpperCase() : digit)).join("");
  return {
    address: `0x${address}`,
    async sign(message) {
      const bytes = utf8ToBytes(message);
      const head = utf8ToBytes(`\x19Ethereum Signed Message:\n${bytes.length}`);
      const signature = await secp.signAsync(keccak_256(new Uint8Array([...head, ...bytes])), key);
      return `0x${bytesToHex(signature.toBytes())}${(27 + signature.recovery).toString(16)}`;
    },
  };
}

test("songs are listed and found without a sign-in", options, async () => {
  const client = new Client(server, chainId);
  const [song] = await client.songs();
  assert.ok(song);
  assert.equal((await client.song(song.songId)).title, song.title);
  assert.ok((await client.songs(song.title)).some((each) => each.songId === song.songId));
});

test("a reported play counts once however often it is sent", options, async () => {
  const client = new Client(server, chainId);
  const [song] = await client.songs();
  assert.ok(song);
  await assert.rejects(client.report(heard(song, 1)), (error) => error instanceof Refused && error.status === 401);
  await client.signIn(somebody());
  const play = heard(song, 1);
  const said = [];
  for (let time = 0; time < 3; time++) said.push(await client.report(play));
  assert.deepEqual(said, ["accepted", "duplicate", "duplicate"]);
});

test("audio is given to whoever may hear it, and refused with a reason to others", options, async () => {
  const client = new Client(server, chainId);
  const [song] = await client.songs();
  assert.ok(song);
  await client.signIn(somebody());
  if (await client.mayHear(song)) assert.ok((await client.audio(song)).size > 0);
  else await assert.rejects(client.audio(song), (error) => error instanceof Refused && error.status === 402);
});
