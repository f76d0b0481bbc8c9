import { PasswordInput, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { call } from '../api.ts';
import { Form, FormError, faultAt, useDraft } from '../components/form.tsx';
import { Link, useGo } from '../router.tsx';
import { useRefreshSession } from '../session.ts';
import { readerLocale, useTexts } from '../texts.ts';
import classes from './bare.module.css';
import { Bare } from './bare.tsx';

/** The currency most likely used where the browser's language is at home. */
const guessCurrency = (): string => {
  const region = new Intl.Locale(readerLocale()).maximize().region ?? '';
  const euro = 'AT BE CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK';
  const others: Record<string, string> = {
    GB: 'GBP',
    US: 'USD',
    CH: 'CHF',
    SE: 'SEK',
    NO: 'NOK',
    DK: 'DKK',
    PL: 'PLN',
    CZ: 'CZK',
    HU: 'HUF',
    RO: 'RON',
    CA: 'CAD',
    AU: 'AUD',
    NZ: 'NZD',
    JP: 'JPY',
    IN: 'INR',
    BR: 'BRL',
    MX: 'MXN',
    TR: 'TRY',
    ZA: 'ZAR',
  };
  return euro.includes(region) ? 'EUR' : (others[region] ?? 'EUR');
};

const currencies = (): { value: string; label: string }[] => {
  const names = new Intl.DisplayNames(readerLocale(), { type: 'currency' });
  return Intl.supportedValuesOf('currency').map(code => ({ value: code, label: `${code} · ${names.of(code) ?? code}` }));
};

/** The token stands behind the #, so that it reaches no server log. */
const tokenInAddress = () => new URLSearchParams(location.hash.slice(1)).get('token') ?? '';

const SetUp = () => {
  const t = useTexts();
  const go = useGo();
  const refresh = useRefreshSession();
  const setup = useQuery({
    queryKey: ['GET /api/setup'],
    queryFn: () => call('GET', '/api/setup') as Promise<{ needed: boolean }>,
  });
  const [token] = useState(tokenInAddress);
  const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  // The password stays out of the draft: it must not lie in the browser's storage.
  const draft = useDraft('set-up', { name: '', email: '', organisation: '', currency: guessCurrency(), zone: ownZone });
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const currencyChoices = useMemo(currencies, []);
  const zones = useMemo(() => [...new Set([ownZone, ...Intl.supportedValuesOf('timeZone'), 'UTC'])], [ownZone]);
  const { name, email, organisation, currency, zone } = draft.value;

  const start = async () => {
    setBusy(true);
    setError(null);
    try {
      await call('POST', '/api/setup', {
        token,
        name,
        email,
        password,
        organisation: { name: organisation, home_currency: currency, zone },
      });
      draft.clear();
      await refresh();
      go('/', { replace: true });
    } catch (refusal) {
      setError(refusal);
      setBusy(false);
    }
  };

  if (setup.data?.needed === false) {
    return (
      <Bare title={t('ui.setup.title')}>
        <p className={classes.intro}>{t('ui.setup.done_link')}</p>
        <Link to="/login">{t('ui.login.title')}</Link>
      </Bare>
    );
  }
  if (token === '') {
    return (
      <Bare title={t('ui.setup.title')}>
        <p className={classes.intro}>{t('ui.setup.no_token')}</p>
        <FormError error={setup.error} />
      </Bare>
    );
  }
  return (
    <Bare title={t('ui.setup.title')} wide>
      <p className={classes.intro}>{t('ui.setup.intro')}</p>
      <Form
        onSubmit={() => void start()}
        submit={t('ui.setup.submit')}
        busy={busy}
        error={error}
        shown={['name', 'email', 'password', 'organisation.name', 'organisation.home_currency', 'organisation.zone']}
      >
        <h2 className={classes.section}>{t('ui.setup.section_you')}</h2>
        <div className={classes.pair}>
          <TextInput
            label={t('ui.setup.name')}
            autoComplete="name"
            required
            withAsterisk={false}
            value={name}
            onChange={event => draft.change({ name: event.currentTarget.value })}
            error={faultAt(error, 'name')}
            autoFocus
          />
          <TextInput
            label={t('ui.setup.email')}
            type="email"
            autoComplete="username"
            required
            withAsterisk={false}
            value={email}
            onChange={event => draft.change({ email: event.currentTarget.value })}
            error={faultAt(error, 'email')}
          />
        </div>
        <PasswordInput
          label={t('ui.setup.password')}
          description={t('ui.setup.password_hint')}
          autoComplete="new-password"
          required
          withAsterisk={false}
          value={password}
          onChange={event => setPassword(event.currentTarget.value)}
          error={faultAt(error, 'password')}
          visibilityToggleButtonProps={{ 'aria-label': t('ui.login.show_password') }}
        />
        <h2 className={classes.section}>{t('ui.setup.section_business')}</h2>
        <TextInput
          label={t('ui.setup.organisation')}
          autoComplete="organization"
          required
          withAsterisk={false}
          value={organisation}
          onChange={event => draft.change({ organisation: event.currentTarget.value })}
          error={faultAt(error, 'organisation.name')}
        />
        <div className={classes.pair}>
          <Select
            label={t('ui.setup.currency')}
            description={t('ui.setup.currency_hint')}
            searchable
            data={currencyChoices}
            limit={60}
            value={currency}
            onChange={value => value && draft.change({ currency: value })}
            error={faultAt(error, 'organisation.home_currency')}
          />
          <Select
            label={t('ui.setup.zone')}
            description={t('ui.setup.zone_hint')}
            searchable
            data={zones}
            limit={60}
            value={zone}
            onChange={value => value && draft.change({ zone: value })}
            error={faultAt(error, 'organisation.zone')}
          />
        </div>
      </Form>
    </Bare>
  );
};
export default SetUp;
