/** What the sample shop sells. Prices in euros. */
import type { Shape } from './pictures.ts';

export type Product = {
  sku: string;
  slug: string;
  name: string;
  category: string;
  price: number;
  was?: number;
  text: string;
  shape: Shape;
  /** Two colours of its picture: the thing and its accent. */
  colours: [string, string];
};

const product = (
  sku: string,
  name: string,
  category: string,
  price: number,
  shape: Shape,
  colours: [string, string],
  text: string,
  was?: number,
): Product => ({
  sku,
  slug: name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, ''),
  name,
  category,
  price,
  text,
  shape,
  colours,
  ...(was && { was }),
});

export const categories = ['Cups & mugs', 'Teapots', 'Tea', 'For the table', 'Light & scent'] as const;

export const catalogue: readonly Product[] = [
  product(
    'KK-MUG-01',
    'Harbour mug',
    'Cups & mugs',
    24,
    'mug',
    ['#3f6f73', '#cfe3df'],
    'Thrown by hand, glazed in the colour of deep water. 320 ml.',
  ),
  product(
    'KK-MUG-02',
    'Morning mug',
    'Cups & mugs',
    22,
    'mug',
    ['#d9a441', '#fbeecb'],
    'A wide rim and a warm honey glaze. 350 ml.',
  ),
  product(
    'KK-MUG-03',
    'Night shift mug',
    'Cups & mugs',
    26,
    'mug',
    ['#2c3347', '#8d99c4'],
    'Midnight blue inside and out, with a thumb rest. 400 ml.',
  ),
  product(
    'KK-CUP-01',
    'Espresso pair',
    'Cups & mugs',
    28,
    'cup',
    ['#b5533c', '#f3d3c4'],
    'Two small cups that keep their heat. 70 ml each.',
  ),
  product(
    'KK-CUP-02',
    'Travel beaker',
    'Cups & mugs',
    32,
    'beaker',
    ['#5b7553', '#dbe7d2'],
    'Double wall, cork band, no handle to break. 300 ml.',
    38,
  ),
  product(
    'KK-POT-01',
    'Rain teapot',
    'Teapots',
    68,
    'teapot',
    ['#4a6d8c', '#d7e5f1'],
    'A teapot for four cups, with a spout that does not drip.',
  ),
  product(
    'KK-POT-02',
    'Ember teapot',
    'Teapots',
    74,
    'teapot',
    ['#9c3d2a', '#f0c9b6'],
    'Fired in wood ash; no two are alike. 0.9 l.',
  ),
  product(
    'KK-POT-03',
    'One-cup pot',
    'Teapots',
    42,
    'teapot',
    ['#6c5a7c', '#e2d8ec'],
    'Pot and cup in one, for whoever drinks alone with pleasure.',
  ),
  product(
    'KK-TEA-01',
    'Assam, second flush',
    'Tea',
    9.5,
    'tin',
    ['#7a2e1d', '#eac7a0'],
    'Malty and dark; takes milk well. 100 g.',
  ),
  product(
    'KK-TEA-02',
    'Sencha from Kagoshima',
    'Tea',
    12.9,
    'tin',
    ['#4f7b3a', '#dcebc6'],
    'Steamed green tea, sweet as spring grass. 80 g.',
  ),
  product(
    'KK-TEA-03',
    'Jasmine pearls',
    'Tea',
    15.9,
    'tin',
    ['#a3884f', '#f5ebcf'],
    'Rolled by hand and scented six nights. 60 g.',
  ),
  product(
    'KK-TEA-04',
    'Evening rooibos',
    'Tea',
    7.9,
    'tin',
    ['#a8482c', '#f7dcc8'],
    'Vanilla and orange peel, no caffeine. 120 g.',
  ),
  product(
    'KK-TEA-05',
    'Garden mint',
    'Tea',
    6.9,
    'tin',
    ['#2f7f6b', '#cdeee4'],
    'Peppermint and lemon verbena, dried whole. 70 g.',
  ),
  product(
    'KK-BOW-01',
    'Breakfast bowl',
    'For the table',
    29,
    'bowl',
    ['#c97b4a', '#f8e1cf'],
    'Deep enough for granola, flat enough for eggs. 16 cm.',
  ),
  product(
    'KK-BOW-02',
    'Serving bowl',
    'For the table',
    54,
    'bowl',
    ['#5f7f87', '#dbe9ec'],
    'The one that everybody reaches across the table for. 28 cm.',
  ),
  product('KK-PLA-01', 'Cake plate', 'For the table', 21, 'plate', ['#8f6a8b', '#efe0ee'], 'For a slice and a half. 18 cm.'),
  product(
    'KK-JUG-01',
    'Milk jug',
    'For the table',
    26,
    'jug',
    ['#6f7d57', '#e6ecd8'],
    'Pours thin or thick as you tilt it. 250 ml.',
    31,
  ),
  product(
    'KK-CAN-01',
    'Cedar candle',
    'Light & scent',
    34,
    'candle',
    ['#44624f', '#f4e6c1'],
    'Rapeseed wax in a cup that stays when the light is gone. 45 h.',
  ),
  product(
    'KK-CAN-02',
    'Fig candle',
    'Light & scent',
    34,
    'candle',
    ['#75405a', '#f6d9c9'],
    'Green fig and a little smoke. 45 h.',
  ),
  product(
    'KK-LAM-01',
    'Paper lantern',
    'Light & scent',
    48,
    'lantern',
    ['#b98a3e', '#fff1cf'],
    'Folded from mulberry paper on a beech foot.',
  ),
];

export const findProduct = (key: string): Product | undefined => catalogue.find(one => one.slug === key || one.sku === key);

/** Products whose name, category or text hold every word. */
export const searchCatalogue = (query: string): Product[] => {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return catalogue.filter(one => words.every(word => `${one.name} ${one.category} ${one.text}`.toLowerCase().includes(word)));
};
