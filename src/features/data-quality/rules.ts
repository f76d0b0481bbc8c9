/** The rules there are so far, in the order they are counted; a new one is a file and a line here. */
import type { QualityRule } from './rule.ts';
import { attributeMisfit } from './rules/attribute-misfit.ts';
import { birthdayImpossible } from './rules/birthday-impossible.ts';
import { consentNoProof } from './rules/consent-no-proof.ts';
import { countryUnknown } from './rules/country-unknown.ts';
import { countryWords } from './rules/country-words.ts';
import { emailBad } from './rules/email-bad.ts';
import { emailTypo } from './rules/email-typo.ts';
import { identifierNone } from './rules/identifier-none.ts';
import { identifierShared } from './rules/identifier-shared.ts';
import { nameIsEmail } from './rules/name-is-email.ts';
import { nameShouts } from './rules/name-shouts.ts';
import { nameSpaces } from './rules/name-spaces.ts';
import { orderNoCustomer } from './rules/order-no-customer.ts';
import { ownDomain } from './rules/own-domain.ts';
import { phoneNoCountry } from './rules/phone-no-country.ts';
import { productNoCategory } from './rules/product-no-category.ts';

export const ownRules: readonly QualityRule[] = [
  emailBad,
  emailTypo,
  phoneNoCountry,
  countryUnknown,
  countryWords,
  nameIsEmail,
  nameShouts,
  nameSpaces,
  birthdayImpossible,
  identifierNone,
  identifierShared,
  ownDomain,
  attributeMisfit,
  consentNoProof,
  orderNoCustomer,
  productNoCategory,
];
