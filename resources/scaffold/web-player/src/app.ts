// The page: a list of songs, one player, and a sign-in with the browser's wallet (EIP-1193) where a song asks for it.
import { Client, heard, type Song } from "./client.js";

interface Wallet {
  request(asked: { method: string; params?: unknown[] }): Promise<unknown>;
}

const CHAIN_ID = 100;
const client = new Client(location.origin, CHAIN_ID);
const list = part<HTMLUListElement>("songs");
const player = part<HTMLAudioElement>("player");
const said = part<HTMLParagraphElement>("said");
const words = part<HTMLInputElement>("words");
let playing: { song: Song; url: string; reported: boolean } | null = null;

function part<T extends HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no ${id}.`);
  return found as T;
}

function tell(text: string): void {
  said.textContent = text;
}

async function guarded(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error));
  }
}

async function show(): Promise<void> {
  const songs = await client.songs(words.value.trim());
  list.replaceChildren(
    ...songs.map((song) => {
      const row = document.createElement("li");
      const button = document.createElement("button");
      button.textContent = `${song.title} · ${song.artist}`;
      button.addEventListener("click", () => void guarded(() => hear(song)));
      row.append(button, ` ${song.playCount} plays`);
      return row;
    }),
  );
  tell(songs.length ? "" : "No songs.");
}

async function signIn(): Promise<void> {
  const wallet = (window as unknown as { ethereum?: Wallet }).ethereum;
  if (!wallet) return tell("This browser has no wallet to sign in with.");
  const [address] = (await wallet.request({ method: "eth_requestAccounts" })) as string[];
  if (!address) return;
  await client.signIn({
    address,
    sign: async (message) => (await wallet.request({ method: "personal_sign", params: [message, address] })) as string,
  });
  tell(`Signed in as ${address}.`);
}

async function hear(song: Song): Promise<void> {
  if (!(await client.mayHear(song))) {
    return tell(client.signedIn ? "This song has to be paid for first." : "Sign in to hear this song.");
  }
  const url = URL.createObjectURL(await client.audio(song));
  if (playing) URL.revokeObjectURL(playing.url);
  playing = { song, url, reported: false };
  player.src = url;
  await player.play();
  tell(`${song.title} by ${song.artist}`);
}

// A play counts for whoever signed in, once half of the song or thirty seconds were heard.
player.addEventListener("timeupdate", () => {
  if (!playing || playing.reported || !client.signedIn) return;
  if (player.currentTime < Math.min(30, player.duration / 2)) return;
  playing.reported = true;
  const { song } = playing;
  void guarded(async () => tell(`Play ${await client.report(heard(song, player.currentTime))}.`));
});
part("search").addEventListener("submit", (event) => {
  event.preventDefault();
  void guarded(show);
});
part("sign-in").addEventListener("click", () => void guarded(signIn));
void guarded(show);
