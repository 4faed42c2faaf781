//! The currency in use in each country, by ISO 3166 and ISO 4217, as of 2026-01-01. A default for
//! imported places, not a rule of money.

use vacancy_domain::money::Currency;

/// Country and currency, in pairs. Where two circulate, the one prices are mostly named in.
const IN_USE: &str = "\
    AD EUR AE AED AF AFN AG XCD AI XCD AL ALL AM AMD AO AOA AR ARS AS USD AT EUR AU AUD \
    AW AWG AX EUR AZ AZN BA BAM BB BBD BD BDT BE EUR BF XOF BG EUR BH BHD BI BIF BJ XOF \
    BL EUR BM BMD BN BND BO BOB BQ USD BR BRL BS BSD BT BTN BV NOK BW BWP BY BYN BZ BZD \
    CA CAD CC AUD CD CDF CF XAF CG XAF CH CHF CI XOF CK NZD CL CLP CM XAF CN CNY CO COP \
    CR CRC CU CUP CV CVE CW XCG CX AUD CY EUR CZ CZK DE EUR DJ DJF DK DKK DM XCD DO DOP \
    DZ DZD EC USD EE EUR EG EGP EH MAD ER ERN ES EUR ET ETB FI EUR FJ FJD FK FKP FM USD \
    FO DKK FR EUR GA XAF GB GBP GD XCD GE GEL GF EUR GG GBP GH GHS GI GIP GL DKK GM GMD \
    GN GNF GP EUR GQ XAF GR EUR GS GBP GT GTQ GU USD GW XOF GY GYD HK HKD HN HNL HR EUR \
    HT HTG HU HUF ID IDR IE EUR IL ILS IM GBP IN INR IO USD IQ IQD IR IRR IS ISK IT EUR \
    JE GBP JM JMD JO JOD JP JPY KE KES KG KGS KH KHR KI AUD KM KMF KN XCD KP KPW KR KRW \
    KW KWD KY KYD KZ KZT LA LAK LB LBP LC XCD LI CHF LK LKR LR LRD LS LSL LT EUR LU EUR \
    LV EUR LY LYD MA MAD MC EUR MD MDL ME EUR MF EUR MG MGA MH USD MK MKD ML XOF MM MMK \
    MN MNT MO MOP MP USD MQ EUR MR MRU MS XCD MT EUR MU MUR MV MVR MW MWK MX MXN MY MYR \
    MZ MZN NA NAD NC XPF NE XOF NF AUD NG NGN NI NIO NL EUR NO NOK NP NPR NR AUD NU NZD \
    NZ NZD OM OMR PA USD PE PEN PF XPF PG PGK PH PHP PK PKR PL PLN PM EUR PN NZD PR USD \
    PS ILS PT EUR PW USD PY PYG QA QAR RE EUR RO RON RS RSD RU RUB RW RWF SA SAR SB SBD \
    SC SCR SD SDG SE SEK SG SGD SH SHP SI EUR SJ NOK SK EUR SL SLE SM EUR SN XOF SO SOS \
    SR SRD SS SSP ST STN SV USD SX XCG SY SYP SZ SZL TC USD TD XAF TF EUR TG XOF TH THB \
    TJ TJS TK NZD TL USD TM TMT TN TND TO TOP TR TRY TT TTD TV AUD TW TWD TZ TZS UA UAH \
    UG UGX UM USD US USD UY UYU UZ UZS VA EUR VC XCD VE VES VG USD VI USD VN VND VU VUV \
    WF XPF WS WST XK EUR YE YER YT EUR ZA ZAR ZM ZMW ZW ZWG";

/// The currency used in the country with this code of two capital letters; nothing if there is no
/// such country.
#[must_use]
pub fn in_country(country: &str) -> Option<Currency> {
    let mut words = IN_USE.split(' ');
    while let (Some(code), Some(currency)) = (words.next(), words.next()) {
        if code == country {
            return currency.parse().ok();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_is_a_country_and_a_currency_in_order() {
        let words: Vec<&str> = IN_USE.split(' ').collect();
        let pairs: Vec<_> = words.chunks(2).collect();
        assert_eq!(pairs.len(), 248);
        assert!(pairs.is_sorted(), "a country stands twice or in the wrong place");
        for pair in pairs {
            assert!(pair[0].len() == 2 && pair[0].bytes().all(|byte| byte.is_ascii_uppercase()));
            assert!(in_country(pair[0]).is_some(), "{pair:?} names no currency in use");
        }
    }

    #[test]
    fn a_code_that_is_no_country_has_no_currency() {
        for code in ["", "F", "fr", "ZZ", "EUR", "FRA", "TMP"] {
            assert_eq!(in_country(code), None, "{code}");
        }
    }
}
