/** Pictures of the products, drawn: a few shapes in two colours each. */
import type { Product } from './catalogue.ts';

const shapes = {
  mug: (a: string, b: string) =>
    `<path d="M268 150h28a38 38 0 0 1 0 92h-30" fill="none" stroke="${a}" stroke-width="20"/><path d="M112 118h164v118a54 54 0 0 1-54 54h-56a54 54 0 0 1-54-54z" fill="${a}"/><ellipse cx="194" cy="118" rx="82" ry="18" fill="${b}"/><path d="M128 150v86a40 40 0 0 0 16 32" fill="none" stroke="${b}" stroke-width="7" stroke-linecap="round" opacity=".5"/>`,
  cup: (a: string, b: string) =>
    `<ellipse cx="140" cy="292" rx="92" ry="16" fill="${a}" opacity=".35"/><path d="M78 190h124v42a50 50 0 0 1-50 50h-24a50 50 0 0 1-50-50z" fill="${a}"/><ellipse cx="140" cy="190" rx="62" ry="13" fill="${b}"/><path d="M206 146h110v38a44 44 0 0 1-44 44h-22a44 44 0 0 1-44-44z" fill="${a}" opacity=".85"/><ellipse cx="261" cy="146" rx="55" ry="12" fill="${b}"/>`,
  beaker: (a: string, b: string) =>
    `<path d="M130 92h140l-14 190a18 18 0 0 1-18 17h-76a18 18 0 0 1-18-17z" fill="${a}"/><ellipse cx="200" cy="92" rx="70" ry="15" fill="${b}"/><path d="M138 176h124l-4 52H142z" fill="#c9a06b"/><path d="M150 186h8m20 12h8m24-8h8m14 18h8m-70 6h8" stroke="#8a6436" stroke-width="5" stroke-linecap="round"/>`,
  teapot: (a: string, b: string) =>
    `<path d="M286 178c40-14 44 54-6 66" fill="none" stroke="${a}" stroke-width="18" stroke-linecap="round"/><path d="M118 206c-34 4-40-34-64-42" fill="none" stroke="${a}" stroke-width="24" stroke-linecap="round"/><path d="M104 212c0-58 40-84 96-84s96 26 96 84-40 84-96 84-96-26-96-84z" fill="${a}"/><ellipse cx="200" cy="136" rx="58" ry="15" fill="${b}"/><circle cx="200" cy="110" r="16" fill="${a}"/><path d="M136 190c8-22 22-32 40-36" fill="none" stroke="${b}" stroke-width="8" stroke-linecap="round" opacity=".5"/>`,
  tin: (a: string, b: string) =>
    `<rect x="112" y="118" width="176" height="182" rx="12" fill="${a}"/><rect x="104" y="92" width="192" height="44" rx="10" fill="${a}"/><rect x="104" y="92" width="192" height="44" rx="10" fill="#000" opacity=".14"/><rect x="136" y="168" width="128" height="96" rx="8" fill="${b}"/><path d="M200 250c-38-18-38-52 0-68 38 16 38 50 0 68zm0-60v60" fill="none" stroke="${a}" stroke-width="5"/>`,
  bowl: (a: string, b: string) =>
    `<path d="M84 168h232c0 74-44 118-92 122h-48c-48-4-92-48-92-122z" fill="${a}"/><ellipse cx="200" cy="168" rx="116" ry="26" fill="${b}"/><ellipse cx="200" cy="172" rx="92" ry="17" fill="${a}" opacity=".25"/><path d="M152 290h96l8 14H144z" fill="${a}"/>`,
  plate: (a: string, b: string) =>
    `<ellipse cx="200" cy="226" rx="140" ry="62" fill="${a}"/><ellipse cx="200" cy="218" rx="140" ry="60" fill="${b}"/><ellipse cx="200" cy="220" rx="92" ry="36" fill="${a}" opacity=".25"/><path d="M176 208l62-34 20 40-70 12z" fill="#e9c9a2"/><path d="M176 208l62-34 4 10-62 34z" fill="#fff" opacity=".7"/>`,
  jug: (a: string, b: string) =>
    `<path d="M262 150c52-6 54 80-4 84" fill="none" stroke="${a}" stroke-width="18" stroke-linecap="round"/><path d="M132 118l-30-18 20-10h140v40c0 30 20 50 20 90 0 44-30 72-76 72s-78-28-78-72c0-44 10-64 4-102z" fill="${a}"/><path d="M122 96h134c0 16-26 22-62 22s-60-6-72-22z" fill="${b}"/>`,
  candle: (a: string, b: string) =>
    `<path d="M200 66c18 24 22 34 22 46a22 22 0 0 1-44 0c0-12 8-22 22-46z" fill="#f2a93b"/><path d="M200 128v26" stroke="#4a4038" stroke-width="5"/><rect x="128" y="152" width="144" height="146" rx="16" fill="${a}"/><ellipse cx="200" cy="156" rx="72" ry="15" fill="${b}"/><rect x="156" y="206" width="88" height="52" rx="6" fill="${b}"/>`,
  lantern: (a: string, b: string) =>
    `<path d="M200 60v36" stroke="${a}" stroke-width="6"/><rect x="150" y="92" width="100" height="14" rx="5" fill="${a}"/><path d="M150 106h100c36 40 36 112 0 152H150c-36-40-36-112 0-152z" fill="${b}"/><path d="M128 150h144M122 182h156M128 214h144M200 106v152" stroke="${a}" stroke-width="3" opacity=".6"/><rect x="150" y="256" width="100" height="14" rx="5" fill="${a}"/><path d="M168 270v28m64-28v28" stroke="${a}" stroke-width="8"/>`,
} satisfies Record<string, (a: string, b: string) => string>;
export type Shape = keyof typeof shapes;

/** An SVG file of 400 x 400. */
export const drawProduct = ({ shape, colours: [a, b], name }: Product): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" role="img" aria-label="${name.replaceAll(/[&<>"]/g, ' ')}"><rect width="400" height="400" fill="${b}"/><circle cx="308" cy="92" r="150" fill="#fff" opacity=".28"/><ellipse cx="200" cy="312" rx="128" ry="15" fill="#000" opacity=".1"/>${shapes[shape](a, b === '#fff1cf' ? '#ffe3a1' : '#fffaf2')}</svg>`;
