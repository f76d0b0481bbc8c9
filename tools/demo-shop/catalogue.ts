/** What the demo shop sells: coffee, tea, and what goes with them. Prices in the shop's currency. */
export type Product = {
  sku: string;
  name: string;
  category: string;
  price: number;
  /** Days one piece lasts a usual household; null = bought once in a while. */
  lasts_days: number | null;
  /** How often it is chosen among its category. */
  appeal: number;
};

const coffee = (sku: string, name: string, price: number, appeal: number, category = 'Single origin coffee'): Product[] => [
  { sku: `${sku}-250`, name: `${name}, 250 g`, category, price, lasts_days: 14, appeal },
  {
    sku: `${sku}-1000`,
    name: `${name}, 1 kg`,
    category,
    price: Math.round(price * 3.4 * 10) / 10,
    lasts_days: 52,
    appeal: appeal * 0.4,
  },
];
const tea = (sku: string, name: string, price: number, appeal: number, category: string): Product[] => [
  { sku: `${sku}-100`, name: `${name}, 100 g loose`, category, price, lasts_days: 35, appeal },
  {
    sku: `${sku}-20B`,
    name: `${name}, 20 pyramids`,
    category,
    price: Math.round(price * 0.72 * 10) / 10,
    lasts_days: 18,
    appeal: appeal * 0.7,
  },
];
const thing = (sku: string, name: string, category: string, price: number, appeal: number): Product => ({
  sku,
  name,
  category,
  price,
  lasts_days: null,
  appeal,
});

export const catalogue: readonly Product[] = [
  ...coffee('COF-YIR', 'Yirgacheffe Konga, Ethiopia', 11.9, 10),
  ...coffee('COF-HUI', 'Huila Pink Bourbon, Colombia', 12.9, 8),
  ...coffee('COF-NYE', 'Nyeri AA, Kenya', 13.5, 6),
  ...coffee('COF-TAR', 'Tarrazú Honey, Costa Rica', 12.5, 5),
  ...coffee('COF-ANT', 'Antigua, Guatemala', 10.9, 7),
  ...coffee('COF-SUM', 'Gayo Highlands, Sumatra', 10.5, 4),
  ...coffee('ESP-HAR', 'Harbour Espresso', 9.9, 14, 'Espresso & blends'),
  ...coffee('ESP-MID', 'Midnight Ristretto', 10.5, 9, 'Espresso & blends'),
  ...coffee('ESP-MOR', 'Morning Lane Breakfast Blend', 8.9, 12, 'Espresso & blends'),
  ...coffee('DEC-SWI', 'Swiss Water Decaf', 10.9, 6, 'Decaf'),
  ...coffee('DEC-SUG', 'Sugarcane Decaf, Colombia', 11.5, 4, 'Decaf'),
  ...tea('TEA-ASS', 'Assam Mangalam', 9.5, 8, 'Black tea'),
  ...tea('TEA-DAR', 'Darjeeling First Flush', 14.9, 6, 'Black tea'),
  ...tea('TEA-EAR', 'Earl Grey Blue Flower', 8.9, 10, 'Black tea'),
  ...tea('TEA-SEN', 'Sencha Kagoshima', 12.9, 7, 'Green tea'),
  ...tea('TEA-GEN', 'Genmaicha', 9.9, 5, 'Green tea'),
  ...tea('TEA-JAS', 'Jasmine Pearls', 15.9, 5, 'Green tea'),
  ...tea('HRB-ROO', 'Rooibos Vanilla', 7.9, 8, 'Herbal & rooibos'),
  ...tea('HRB-MIN', 'Garden Mint & Verbena', 7.5, 7, 'Herbal & rooibos'),
  ...tea('HRB-GIN', 'Ginger & Lemongrass', 7.9, 6, 'Herbal & rooibos'),
  { sku: 'MAT-CER-30', name: 'Ceremonial Matcha, 30 g', category: 'Green tea', price: 24.9, lasts_days: 28, appeal: 5 },
  thing('GEA-V60', 'Ceramic Dripper 02', 'Brewing gear', 22, 7),
  thing('GEA-FIL', 'Paper Filters 02, 100 pieces', 'Brewing gear', 6.5, 12),
  thing('GEA-AER', 'Travel Press', 'Brewing gear', 36, 6),
  thing('GEA-FRE', 'French Press, 1 l', 'Brewing gear', 34, 5),
  thing('GEA-KET', 'Gooseneck Kettle', 'Brewing gear', 69, 4),
  thing('GEA-SCA', 'Brew Scale with Timer', 'Brewing gear', 42, 4),
  thing('GEA-POT', 'Cast Iron Teapot, 0.8 l', 'Brewing gear', 58, 3),
  thing('GEA-WHI', 'Bamboo Whisk Set', 'Brewing gear', 19, 3),
  thing('GRI-HAN', 'Hand Grinder, steel burrs', 'Grinders', 79, 4),
  thing('GRI-ELE', 'Electric Grinder', 'Grinders', 159, 2),
  thing('CUP-ESP', 'Espresso Cups, set of 4', 'Cups & mugs', 28, 5),
  thing('CUP-MUG', 'Stoneware Mug, sea green', 'Cups & mugs', 16, 7),
  thing('CUP-TEA', 'Tea Bowls, pair', 'Cups & mugs', 26, 3),
  thing('CUP-TRA', 'Insulated Cup, 350 ml', 'Cups & mugs', 27, 5),
  thing('TRE-CHO', 'Dark Chocolate 72 %, 80 g', 'Chocolate & treats', 4.9, 12),
  thing('TRE-BIS', 'Almond Cantuccini', 'Chocolate & treats', 6.9, 9),
  thing('TRE-HON', 'Wildflower Honey, 250 g', 'Chocolate & treats', 8.5, 6),
  thing('TRE-GIN', 'Candied Ginger in Chocolate', 'Chocolate & treats', 7.5, 5),
  thing('GIF-TAS', 'Tasting Box: Five Coffees', 'Gift sets', 34, 7),
  thing('GIF-TEA', 'Tasting Box: Six Teas', 'Gift sets', 32, 6),
  thing('GIF-ADV', 'Advent Calendar, 24 Cups', 'Gift sets', 59, 8),
  thing('GIF-MOT', 'Slow Sunday Gift Set', 'Gift sets', 49, 5),
];

export const productBySku = new Map(catalogue.map(product => [product.sku, product]));

export const codeOf = { welcome: 'WELCOME10', november: 'DARKDAYS20', summer: 'ICED15', friend: 'FRIEND5' } as const;
