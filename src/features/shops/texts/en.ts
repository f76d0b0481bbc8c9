/** Every sentence of this feature. */
export const en = {
  'shops.permission.write': 'Change the organisation and its shops',
} as const;
