package roster

import "strings"

// currencies are the codes of ISO 4217 that stand for money one can spend, with the
// number of decimals of those that have not two; funds and metals are left out.
var currencies = func() map[string]int64 {
	all := map[string]int64{}
	for code := range strings.FieldsSeq(`
		AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD:3 BIF:0 BMD BND BOB BRL BSD BTN BWP BYN BZD
		CAD CDF CHF CLF:4 CLP:0 CNY COP CRC CUP CVE CZK DJF:0 DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP
		GMD GNF:0 GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD:3 IRR ISK:0 JMD JOD:3 JPY:0 KES KGS KHR KMF:0 KPW KRW:0 KWD:3 KYD
		KZT LAK LBP LKR LRD LSL LYD:3 MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK
		NPR NZD OMR:3 PAB PEN PGK PHP PKR PLN PYG:0 QAR RON RSD RUB RWF:0 SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD
		SSP STN SVC SYP SZL THB TJS TMT TND:3 TOP TRY TTD TWD TZS UAH UGX:0 USD UYU UZS VED VES VND:0 VUV:0 WST XAF:0
		XCD XCG XOF:0 XPF:0 YER ZAR ZMW ZWG`) {
		code, scale, _ := strings.Cut(code, ":")
		all[code] = 2
		if scale != "" {
			all[code] = int64(scale[0] - '0')
		}
	}
	return all
}()

// CurrencyScale returns how many decimals a currency of ISO 4217 has; false where
// there is no such currency.
func CurrencyScale(code string) (int64, bool) {
	scale, ok := currencies[code]
	return scale, ok
}
