package crhost

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"wit_component/crhost_flavor_flavor"
)

// URI is a well-formed URI of a registry: `host[:port][/path]`, without scheme, tag and digest. As text it is in
// canonical form.
type URI struct {
	Host string
	Port string
	Path []string
}

func (uri URI) String() string {
	authority := uri.Host
	if uri.Port != "" {
		authority += ":" + uri.Port
	}
	return strings.Join(append([]string{authority}, uri.Path...), "/")
}

// Rules are those of a registry with one host. Grammar judges what is well-formed: it may change the URI to its canonical
// form, and gives warnings.
type Rules struct {
	Host    string
	Example string
	Grammar func(*URI) []string
}

// A fault of a URI; corrected is the text without it, where advice says how.
type fault struct{ message, advice, corrected string }

var (
	label     = regexp.MustCompile(`^[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?$`)
	component = regexp.MustCompile(`^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*$`)
	digest    = regexp.MustCompile(`^sha\w*:[0-9a-fA-F]*$`)
	slashes   = regexp.MustCompile(`/+`)
)

// Hosts of registries that crhost has built-in flavors for, and names that they end in.
var known = [][2]string{
	{"docker.io", "dockerhub"},
	{"registry.hub.docker.com", "dockerhub"},
	{"docker.com", "dockerhub"},
	{"quay.io", "quay"},
	{"ghcr.io", "github"},
	{"ghe.com", "github"},
	{"github.com", "github"},
	{"gitlab.com", "gitlab"},
	{"gcr.io", "gcp"},
	{"pkg.dev", "gcp"},
	{"ecr.aws", "aws"},
	{"ecr-public.aws.com", "aws"},
	{"on.aws", "aws"},
	{"azurecr.io", "azure"},
	{"azurecr.cn", "azure"},
	{"azurecr.us", "azure"},
	{"azurecr.de", "azure"},
	{"registry.digitalocean.com", "digitalocean"},
	{"registry.cloudflare.com", "cloudflare"},
	{"cr.aliyuncs.com", "alibaba"},
	{"codeberg.org", "gitea"},
	{"gitea.com", "gitea"},
	{"icr.io", "ibm"},
	{"jfrog.io", "jfrog"},
	{"ocir.io", "oracle"},
	{"tencentcloudcr.com", "tencent"},
	{"ccs.tencentyun.com", "tencent"},
}

// Accept is the whole of `validate-uri`. What can be corrected is refused with the corrected form.
func (rules Rules) Accept(text string) crhost_flavor_flavor.AcceptedUri {
	uri, found := parse(text)
	if found == nil {
		return rules.judge(uri)
	}
	example := fmt.Sprintf("write e.g. `%s`", rules.Example)
	if found.advice == "" {
		Invalid(found.message, example)
	}
	corrected, again := parse(found.corrected)
	if again != nil {
		Invalid(found.message, example)
	}
	Invalid(found.message, fmt.Sprintf("%s: `%s`", found.advice, rules.judge(corrected).Uri))
	panic("unreachable")
}

func (rules Rules) judge(uri *URI) crhost_flavor_flavor.AcceptedUri {
	if other := flavorOf(uri.Host); other != "" {
		message := fmt.Sprintf("`%s` is no registry of this flavor, expected `%s`", uri.Host, rules.Host)
		Invalid(message, fmt.Sprintf("use the flavor `%s` for it", other))
	}
	if isMistaken(uri.Host, rules.Host) {
		meant := URI{Host: rules.Host, Path: uri.Path}
		message := fmt.Sprintf("host `%s` is not `%s`", uri.Host, rules.Host)
		Invalid(message, fmt.Sprintf("did you mean `%s`? If not, use the flavor `default`", meant))
	}
	warnings := rules.Grammar(uri)
	return crhost_flavor_flavor.AcceptedUri{Uri: uri.String(), Warnings: warnings}
}

func parse(text string) (*URI, *fault) {
	if at := strings.LastIndex(text, "@"); at >= 0 {
		before, after := text[:at], text[at+1:]
		if strings.Contains(before, "/") && digest.MatchString(after) {
			return nil, &fault{fmt.Sprintf("digest `@%s` belongs to an image, expected a registry URI without it", Shown(after)), "leave the digest out", before}
		}
		// A password may stand before it: that is never repeated.
		return nil, &fault{"user information before `@` is not part of a registry URI, expected `host[:port][/path]`", "leave user and password out, credentials belong to a connector", after}
	}
	if len(text) > 510 {
		return nil, &fault{message: "the registry URI is too long, expected at most 255 characters"}
	}
	if scheme, rest, found := strings.Cut(text, "://"); found && !strings.Contains(scheme, ":") {
		return nil, &fault{fmt.Sprintf("scheme `%s://` is not part of a registry URI, expected `host[:port][/path]`", Shown(scheme)), "leave the scheme out", rest}
	}
	isOdd := func(c rune) bool { return unicode.IsSpace(c) || !unicode.IsPrint(c) }
	if strings.ContainsFunc(text, isOdd) {
		without := strings.Map(func(c rune) rune {
			if isOdd(c) {
				return -1
			}
			return c
		}, text)
		return nil, &fault{fmt.Sprintf("`%s` has white space or a control character, expected a registry URI without", Shown(text)), "leave it out", without}
	}
	if at := strings.IndexAny(text, "?#"); at >= 0 {
		return nil, &fault{fmt.Sprintf("`%s` is not part of a registry URI, expected neither query nor fragment", Shown(text[at:])), "leave it out", text[:at]}
	}
	text = strings.TrimRight(text, "/")
	if text == "" {
		return nil, &fault{message: "the registry URI is empty, expected `host[:port][/path]`"}
	}
	if strings.HasPrefix(text, "/") || strings.Contains(text, "//") {
		single := strings.TrimPrefix(slashes.ReplaceAllString(text, "/"), "/")
		return nil, &fault{fmt.Sprintf("`%s` has an empty path component, expected single slashes after the host", Shown(text)), "write single slashes", single}
	}
	parts := strings.Split(text, "/")
	authority, path := strings.ToLower(parts[0]), parts[1:]
	if !strings.ContainsAny(authority, ".:[") && authority != "localhost" {
		return nil, &fault{message: fmt.Sprintf("`%s` names no registry host, expected `host[:port][/path]`", Shown(text))}
	}
	host, port, hasPort := strings.Cut(authority, ":")
	for _, one := range strings.Split(host, ".") {
		if !label.MatchString(one) {
			return nil, &fault{message: fmt.Sprintf("label `%s` is not valid in a host, expected letters and digits with `-` or `_` between them", Shown(one))}
		}
	}
	if number, err := strconv.ParseUint(port, 10, 16); hasPort && (err != nil || strconv.FormatUint(number, 10) != port || number == 0) {
		return nil, &fault{message: fmt.Sprintf("port `:%s` is not valid, expected a number from 1 to 65535 without leading zeros", Shown(port))}
	}
	if colon := strings.LastIndex(text, ":"); colon > strings.LastIndex(text, "/") && len(path) > 0 {
		return nil, &fault{fmt.Sprintf("tag `%s` belongs to an image, expected a registry URI without it", Shown(text[colon:])), "leave the tag out", text[:colon]}
	}
	for _, one := range path {
		if lower := strings.ToLower(one); lower != one {
			return nil, &fault{fmt.Sprintf("path component `%s` has upper-case letters, expected lower case", Shown(one)), "write lower case", strings.ToLower(text)}
		}
		if !component.MatchString(one) {
			return nil, &fault{message: fmt.Sprintf("path component `%s` is not valid, expected lower-case letters and digits with `.`, `_`, `__` or dashes between them", Shown(one))}
		}
	}
	uri := &URI{host, port, path}
	if len(uri.String()) > 255 {
		return nil, &fault{message: "the registry URI is too long, expected at most 255 characters"}
	}
	return uri, nil
}

// The built-in flavor for a host, if it is known to be another's.
func flavorOf(host string) string {
	if strings.Contains(host, ".dkr.ecr") || strings.Contains(host, ".dkr-ecr") {
		return "aws"
	}
	for _, one := range known {
		if host == one[0] || strings.HasSuffix(host, "."+one[0]) {
			return one[1]
		}
	}
	return ""
}

// Whether a host can only have been meant as another, or is made to look like it.
func isMistaken(host, meant string) bool {
	if host == meant {
		return false
	}
	name, _, _ := strings.Cut(host, ".")
	isInside := strings.Contains("."+host+".", "."+meant+".")
	return isInside || strings.HasPrefix(meant, name+".") || isOneSlipFrom(host, meant)
}

// Whether one letter added, left out, changed, or swapped with its neighbour makes one text into the other.
func isOneSlipFrom(a, b string) bool {
	for a != "" && b != "" && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	switch {
	case a == "" || b == "":
		return len(a)+len(b) == 1
	case a[1:] == b[1:] || a[1:] == b || a == b[1:]:
		return true
	}
	return len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0] && a[2:] == b[2:]
}
