package wire

import (
	"strings"

	"github.com/danielgtaylor/huma/v2/validation"
)

// huma describes a broken rule by an English sentence. Its sentences are
// variables, so they are set here to a form that can be read back exactly:
// separator, rule, separator, limit, separator, child. The child is a part of
// the path that huma leaves out, such as a missing property's name. Whatever
// follows a fourth separator is ignored.
const sep = "\x1f"

// misfit is what stands before the message of a Misfit in a parameter.
const misfit = "invalid value: json: cannot unmarshal "

func encode(rule Rule, limit, child string) string {
	return sep + string(rule) + sep + limit + sep + child + sep
}

func init() {
	for msg, typ := range map[*string]string{
		&validation.MsgExpectedBoolean: "boolean", &validation.MsgExpectedNumber: "number",
		&validation.MsgExpectedInteger: "integer", &validation.MsgExpectedString: "string",
		&validation.MsgExpectedArray: "array", &validation.MsgExpectedObject: "object",
	} {
		*msg = encode(RuleType, typ, "")
	}
	for msg, format := range map[*string]string{
		&validation.MsgExpectedRFC3339DateTime: "date-time", &validation.MsgExpectedRFC1123DateTime: "date-time",
		&validation.MsgExpectedRFC3339Date: "date", &validation.MsgExpectedRFC3339Time: "time",
		&validation.MsgExpectedRFC5890Hostname: "hostname", &validation.MsgExpectedRFC2673IPv4: "ipv4",
		&validation.MsgExpectedRFC2373IPv6: "ipv6", &validation.MsgExpectedRFCIPAddr: "ip",
		&validation.MsgExpectedBase64String: "base64",
	} {
		*msg = encode(RuleFormat, format, "")
	}
	for msg, format := range map[*string]string{
		&validation.MsgExpectedRFC5322Email: "email address", &validation.MsgExpectedRFC4122UUID: "uuid",
		&validation.MsgExpectedRFC3986URI: "uri", &validation.MsgExpectedDuration: "duration",
		&validation.MsgExpectedRegexp: "regular expression",
	} {
		*msg = encode(RuleFormat, format, "") + "%v"
	}
	for msg, rule := range map[*string]Rule{
		&validation.MsgExpectedOneOf: RuleEnum, &validation.MsgExpectedMinLength: RuleMinLength,
		&validation.MsgExpectedMaxLength: RuleMaxLength, &validation.MsgExpectedMinimumNumber: RuleMinimum,
		&validation.MsgExpectedMaximumNumber: RuleMaximum, &validation.MsgExpectedExclusiveMinimumNumber: RuleAbove,
		&validation.MsgExpectedExclusiveMaximumNumber: RuleBelow, &validation.MsgExpectedNumberBeMultipleOf: RuleMultiple,
		&validation.MsgExpectedMinItems: RuleMinItems, &validation.MsgExpectedMaxItems: RuleMaxItems,
		&validation.MsgExpectedMinProperties: RuleMinItems, &validation.MsgExpectedMaxProperties: RuleMaxItems,
		&validation.MsgExpectedMatchPattern: RulePattern, &validation.MsgExpectedBePattern: RulePattern,
	} {
		*msg = encode(rule, "%v", "")
	}
	validation.MsgExpectedArrayItemsUnique = encode(RuleUnique, "", "")
	validation.MsgExpectedRequiredProperty = encode(RuleRequired, "", "%s")
	validation.MsgExpectedDependentRequiredProperty = encode(RuleRequired, "", "%s") + "%s"
}

// decode reads one message of huma's, found at a location such as
// "body.group.title", back into a Field without its Message. text is what a
// message of no known form said.
func decode(location, message string) (f Field, text string) {
	f.In, f.Name, _ = strings.Cut(location, ".")
	if i := strings.IndexByte(f.In, '['); i >= 0 {
		f.In, f.Name = location[:i], location[i:]
	}
	message = strings.TrimPrefix(message, misfit)
	if rest, ok := strings.CutPrefix(message, sep); ok {
		parts := strings.SplitN(rest, sep, 4)
		f.Rule, f.Limit = Rule(parts[0]), parts[1]
		f.Name = join(f.Name, parts[2])
		return f, ""
	}
	f.Rule, f.Limit = paramRule(message)
	return f, message
}

// paramRule reads the messages about parameters, which huma has as literals.
func paramRule(message string) (Rule, string) {
	switch {
	case message == "invalid integer":
		return RuleType, "integer"
	case message == "invalid float", message == "invalid floating value":
		return RuleType, "number"
	case message == "invalid boolean":
		return RuleType, "boolean"
	case strings.HasSuffix(message, " parameter is missing"):
		return RuleRequired, ""
	case strings.HasPrefix(message, "invalid date/time"):
		return RuleFormat, "date-time"
	case strings.HasPrefix(message, "invalid value: "):
		return RuleFormat, "value"
	}
	return RuleOther, ""
}

// join puts a child below a path.
func join(path, child string) string {
	switch {
	case path == "":
		return child
	case child == "":
		return path
	case child[0] == '[':
		return path + child
	}
	return path + "." + child
}
