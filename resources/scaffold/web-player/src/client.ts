// A listener at one node: looks for songs, signs in, hears, and reports plays. Its types come from the node's specification.
import type { components } from "./api.js";

export type Song = components["schemas"]["Song"];
type Songs = components["schemas"]["Songs"];
type Nonce = components["schemas"]["NonceAnswer"];
type Token = components["schemas"]["TokenAnswer"];
type Problem = components["schemas"]["ProblemBody"];

/** A song as it was heard: its id and its moment stay the same however often it is reported. */
export interface Play {
  songId: string;
  playId: string;
  playedAt: string;
  duration: number;
}

interface Reported {
  results: { status: "accepted" | "duplicate" | "refused" }[];
}

/** A song as it was heard just now, with an id of its own. */
export function heard(song: Song, seconds: number): Play {
  return { songId: song.songId, playId: crypto.randomUUID(), playedAt: new Date().toISOString(), duration: Math.round(seconds) };
}

/** Whoever signs: a wallet in the browser, a key in a test. */
export interface Signer {
  /** EIP-55 address. */
  address: string;
  /** Signs a text as wallets do (EIP-191); 0x and 130 hex digits. */
  sign(message: string): Promise<string>;
}

/** An error in the node's own words. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    problem: Partial<Problem>,
  ) {
    super([problem.title, problem.detail].filter(Boolean).join(": ") || `The node answered ${status}.`);
  }
}

export class Client {
  private token = "";

  /** `server` is the node's address, or that of a proxy before it. */
  constructor(
    private readonly server: string,
    private readonly chainId: number,
  ) {}

  get signedIn(): boolean {
    return this.token !== "";
  }

  /** The newest songs, or those that match words. */
  async songs(words = "", limit = 20): Promise<Song[]> {
    const path = words ? "/api/songs/search" : "/api/songs";
    const asked = words ? { q: words, limit } : { limit, sort: "newest" };
    return (await this.ask<Songs>("GET", `${path}?${new URLSearchParams(Object.entries(asked).map(([k, v]) => [k, `${v}`]))}`)).songs;
  }

  async song(songId: string): Promise<Song> {
    return this.ask<Song>("GET", `/api/songs/${songId}`);
  }

  /** Sign-In with Ethereum (ERC-4361); later requests carry the token, which is kept nowhere else. */
  async signIn(signer: Signer): Promise<void> {
    const { nonce } = await this.ask<Nonce>("POST", "/api/auth/nonce", { address: signer.address });
    const { host, origin } = new URL(this.server);
    const message =
      `${host} wants you to sign in with your Ethereum account:\n${signer.address}\n\nSign in to listen.\n\n` +
      `URI: ${origin}/\nVersion: 1\nChain ID: ${this.chainId}\nNonce: ${nonce}\nIssued At: ${new Date().toISOString()}`;
    const signature = await signer.sign(message);
    this.token = (await this.ask<Token>("POST", "/api/auth/verify", { message, signature })).token;
  }

  /** Whether the node lets this listener hear a song now: 401 asks for a sign-in, 402 for a payment. */
  async mayHear(song: Song): Promise<boolean> {
    return (await fetch(`${this.server}/api/songs/${song.songId}/audio`, { method: "HEAD", headers: this.headers() })).ok;
  }

  /** A song's audio. An audio element cannot carry the token, so it gets what was fetched. */
  async audio(song: Song): Promise<Blob> {
    const answer = await fetch(`${this.server}/api/songs/${song.songId}/audio`, { headers: this.headers() });
    if (!answer.ok) throw new Refused(answer.status, await problemOf(answer));
    return answer.blob();
  }

  /** Reports a play. It counts once however often it is sent: after a lost answer send the same play again. */
  async report(play: Play): Promise<string> {
    const answer = await this.ask<Reported>("POST", "/api/plays", { plays: [play] });
    return answer.results[0]?.status ?? "refused";
  }

  private headers(): Record<string, string> {
    return this.token ? { Authorization: `Bearer ${this.token}` } : {};
  }

  private async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(this.server + path, {
      method,
      headers: { ...this.headers(), ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Refused(answer.status, await problemOf(answer));
    return (await answer.json()) as T;
  }
}

async function problemOf(answer: Response): Promise<Partial<Problem>> {
  return answer.headers.get("Content-Type")?.includes("json") ? ((await answer.json()) as Problem) : {};
}
