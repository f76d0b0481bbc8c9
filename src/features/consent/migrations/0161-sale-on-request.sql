-- Hardly any shop sells or shares data for the advertising of others: the choice is on the page only where staff bring it back. A browser's
-- Global Privacy Control is kept in any case.
update consent.purpose set archived_at = now(), archived_by = 'Regulars' where code = 'sale' and version = 1;
