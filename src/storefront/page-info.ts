/** What an event says about the page it happened on, in the words of Segment's spec. */

/** Values of these parameters are nobody's business: they let somebody in, or say who somebody is. */
const secretParameters = /([?&](?:[^=&#]*(?:token|password|secret|signature)|e-?mail|phone|sig|auth)=)[^&#]*/gi;
export const withoutSecrets = (address: string): string => address.replace(secretParameters, '$1');

export type PageInfo = { path: string; referrer: string; search: string; title: string; url: string };

export const readPage = (referrer: string): PageInfo => ({
  path: location.pathname,
  referrer: withoutSecrets(referrer),
  search: withoutSecrets(location.search),
  title: document.title,
  url: withoutSecrets(location.origin + location.pathname + location.search),
});

/** utm_source, utm_medium, utm_campaign (as "name"), utm_term, utm_content. */
export const readCampaign = (search: string): Record<string, string> | undefined => {
  const campaign: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(search)) {
    const part = /^utm_(\w{1,20})$/.exec(name)?.[1];
    if (part && value) campaign[part === 'campaign' ? 'name' : part] = value.slice(0, 200);
  }
  return campaign.source || campaign.name ? campaign : undefined;
};

export const readZone = (): string | undefined => {
  try {
    return Intl.DateTimeFormat().resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
};
