#include "injector/template/template_fixture.h"

namespace sluice::tmpl {
namespace {

TEST_CASE("print, escapes and call") {
  check_rows({
      {R"({{print}} {{print 1 2}} {{print "a" 1}} {{print 1 "a"}} {{print "a" "b"}} {{print 1 2 "a" "b" 3}} {{print nil nil}})",
       " 1 2 a1 1a ab 1 2ab3 <nil> <nil>"},
      {R"({{println "a" 1}}{{println}}x)", "a 1\n\nx"},
      {"{{print .Values.mixed}} {{print .ObjectMeta}} {{print .Spec.Security}}",
       "[1 x <nil> true map[k:v]] {web map[app:web v:1] map[]} <nil>"},
      {"{{print .Values.global.proxy.big 1000000.0 123456.0 1234567.0 0.0001 0.00001}}",
       "1e+06 1e+06 123456 1.234567e+06 0.0001 1e-05"},
      {R"({{html .Values.html}} {{html 1 "<" nil}} {{"<" | html}})",
       "&lt;a href=&#34;x&#34;&gt;&#39;&amp;&#39;&lt;/a&gt; 1&lt;&lt;no value&gt; &lt;"},
      {R"({{js .Values.html}} {{js "a=b\\ \u2028"}} {{js "\n\t"}})",
       R"(\u003Ca href\u003D\"x\"\u003E\'\u0026\'\u003C/a\u003E a\u003Db\\ \u2028 \u000A\u0009)"},
      {R"({{urlquery "a b&c=d/ü~"}} {{urlquery 1 2}})", "a+b%26c%3Dd%2F%C3%BC~ 1+2"},
      {"{{call .Values.s}}",
       R"(template: t:1:2: executing "t" at <call .Values.s>: error calling call: non-function .Values.s of type string)"},
      {"{{call nil}}",
       R"(template: t:1:2: executing "t" at <call nil>: error calling call: call of nil)"},
      {"{{call .Values.missing 1}}",
       R"(template: t:1:2: executing "t" at <call .Values.missing 1>: error calling call: call of nil)"},
      {"{{call}}",
       R"(template: t:1:2: executing "t" at <call>: wrong number of args for call: want at least 1 got 0)"},
      {"{{1 | call}}",
       R"(template: t:1:6: executing "t" at <call>: error calling call: non-function <int Value> of type int)"},
  });
}

TEST_CASE("printf knows every verb and flag") {
  check_rows({
      {R"({{printf "%d %5d|%-5d|%05d|%+d|% d|%x|%X|%#x|%o|%#o|%O|%b|%c|%q|%U|%#U" 42 42 42 42 42 42 42 42 42 42 42 42 42 65 65 65 9786}})",
       "42    42|42   |00042|+42| 42|2a|2A|0x2a|52|052|0o52|101010|A|'A'|U+0041|U+263A '☺'"},
      {R"({{printf "%d %d %05d %x" -42 0 -42 -255}} {{printf "%.3d|%8.3d|%-8.3d|%.0d|" 5 5 5 0}})",
       "-42 0 -0042 -ff 005|     005|005     ||"},
      {R"({{printf "%s|%10s|%-10s|%.2s|%q|%#q|%+q|%x|%X|% x|%#x|%# x" "héy" "héy" "héy" "héy" "héy" "héy" "héy" "héy" "héy" "héy" "héy" "héy"}})",
       R"(héy|       héy|héy       |hé|"héy"|`héy`|"h\u00e9y"|68c3a979|68C3A979|68 c3 a9 79|0x68c3a979|0x68 0xc3 0xa9 0x79)"},
      {R"({{printf "%v %v %v %v %v" 1 "a" true 1.5 nil}} {{printf "%+v %#v %#v %#v" .Values.map .Values.map .Values.list "x"}})",
       R"(1 a true 1.5 <nil> map[a:1 b:2 c:<nil>] map[string]interface {}{"a":1, "b":2, "c":interface {}(nil)} []interface {}{"a", "b", "c"} "x")"},
      {R"({{printf "%f|%.2f|%8.3f|%-8.1f|%08.2f|%+.1f|% .1f|%e|%E|%g|%G|%.3g|%#g" 3.14159 3.14159 3.14159 3.14159 3.14159 3.14159 3.14159 3.14159 3.14159 3.14159 3.14159 3.14159 3.0}})",
       "3.141590|3.14|   3.142|3.1     |00003.14|+3.1| "
       "3.1|3.141590e+00|3.141590E+00|3.14159|3.14159|3.14|3.00000"},
      {R"({{printf "%g %g %g %g %e %x %F" 1e6 1e21 1e-5 100000.0 0.0 1.5 2.5}})",
       "1e+06 1e+21 1e-05 100000 0.000000e+00 0x1.8p+00 2.500000"},
      {R"({{printf "%v %v %v %6.2v|%06v" 1e6 123456.0 1e20 3.14159 1.5}})",
       "1e+06 123456 1e+20    3.1|0001.5"},
      {R"({{printf "%t %t %v %5t|%-6t|" true false true true false}})",
       "true false true  true|false |"},
      {R"({{printf "%T %T %T %T %T %T %T %T" 1 "a" true 1.5 nil .Values.list .Values.map .Spec.Containers}})",
       "int string bool float64 <nil> []interface {} map[string]interface {} []v1.Container"},
      {R"({{printf "%T %T %T %T" .ObjectMeta .Proxy .Proxy.InterceptionMode .ObjectMeta.Labels}})",
       "v1.ObjectMeta *mesh.Proxy mesh.Mode map[string]string"},
      {R"({{printf "%d %t %f %d" "x" 1 "y" 1.5}} {{printf "%s %s %s" 1 true 1.5}} {{printf "%s %d %q %x" nil nil nil nil}})",
       "%!d(string=x) %!t(int=1) %!f(string=y) %!d(float64=1.5) %!s(int=1) %!s(bool=true) "
       "%!s(float64=1.5) %!s(<nil>) %!d(<nil>) %!q(<nil>) %!x(<nil>)"},
      {R"({{printf "%z %!" 1}} {{printf "%"}} {{printf "%d"}} {{printf "%d %d" 1}} {{printf "%d" 1 2 "x" nil}})",
       "%!z(int=1) %!!(MISSING) %!(NOVERB) %!d(MISSING) 1 %!d(MISSING) 1%!(EXTRA int=2, string=x, "
       "<nil>)"},
      {R"({{printf "100%%"}} {{printf "%5%|%-5%"}})", "100% %|%"},
      {R"({{printf "%[2]d %[1]d" 1 2}} {{printf "%[3]d" 1}} {{printf "%[x]d" 1}} {{printf "%[1]d %d" 1 2}} {{printf "%[2]*[1]d|" 7 5}} {{printf "%[1" 1}} {{printf "%[]d" 1}})",
       "2 1 %!d(BADINDEX) %!d(BADINDEX) 1 2     7| %!(NOVERB) %!d(BADINDEX)"},
      {R"({{printf "%*d|%-*d|%.*f" 5 1 5 1 2 3.14159}} {{printf "%*d" "x" 1}} {{printf "%.*d" "x" 1}} {{printf "%*d" -5 1}}|)",
       "    1|1    |3.14 %!(BADWIDTH)1 %!(BADPREC)1 1    |"},
      {R"({{printf "%s %v %d" .Values.list .Values.list .Values.list}} {{printf "%q" .Values.list}} {{printf "%d" .Values.nums}} {{printf "%5.1f" .Values.nums}})",
       R"([a b c] [a b c] [%!d(string=a) %!d(string=b) %!d(string=c)] ["a" "b" "c"] [%!d(float64=1) %!d(float64=2.5) %!d(float64=3)] [  1.0   2.5   3.0])"},
      {R"({{printf "%s" .Values.mixed}} {{printf "%v" .Values.mixed}} {{printf "%x" .Values.list}})",
       "[%!s(float64=1) x <nil> %!s(bool=true) map[k:v]] [1 x <nil> true map[k:v]] [61 62 63]"},
      {R"({{printf "%s" .ObjectMeta.Labels}} {{printf "%q" .ObjectMeta.Labels}})",
       R"(map[app:web v:1] map["app":"web" "v":"1"])"},
      {R"({{printf "%v %+v" .ObjectMeta .ObjectMeta}})",
       "{web map[app:web v:1] map[]} {Name:web Labels:map[app:web v:1] Annotations:map[]}"},
      {R"({{printf "%#v" .ObjectMeta}})",
       R"(v1.ObjectMeta{Name:"web", Labels:map[string]string{"app":"web", "v":"1"}, Annotations:map[string]string(nil)})"},
      {R"({{printf "%d" .Values.global.proxy.port}} {{printf "%.0f" .Values.global.proxy.port}} {{printf "%v" .Values.global.proxy.port}})",
       "%!d(float64=15020) 15020 15020"},
      {R"({{printf "%s %d" .Proxy.InterceptionMode .Proxy.InterceptionMode}})", "TPROXY 1"},
      {"{{printf 1}}", R"(template: t:1:9: executing "t" at <1>: expected string; found 1)"},
      {"{{printf .Values.missing}}",
       R"(template: t:1:16: executing "t" at <.Values.missing>: invalid value; expected string)"},
      {"{{printf}}",
       R"(template: t:1:2: executing "t" at <printf>: wrong number of args for printf: want at least 1 got 0)"},
      {R"({{printf "x%v" | upper}} {{"y" | printf "x%v"}})", "X%!V(MISSING) xy"},
      {R"({{printf "%q %q %q" "a\tb\n\"c\"" "\x00\x7f\xff" "\u2028☺"}} {{printf "%+q" "☺"}} {{printf "%#q" "a`b"}})",
       R"("a\tb\n\"c\"" "\x00\x7f\xff" "\u2028☺" "\u263a" "a`b")"},
      {R"({{printf "%c%c" 104 128512}} {{printf "%q %+q" 9786 9786}} {{printf "%U" 128512}})",
       R"(h😀 '☺' '\u263a' U+1F600)"},
      {R"({{printf "%6.3d|%+6d|%x" 7 7 "hi"}} {{printf "%08.3f|%+08.3f" 3.14159 3.14159}} {{printf "%-08d|" 5}} {{printf "%08s|%-08s|" "ab" "ab"}})",
       "   007|    +7|6869 0003.142|+003.142 5       | 000000ab|ab      |"},
      {R"({{printf "%x %X" "héllo" "héllo"}} {{printf "%t" "true"}} {{printf "%5q|%-8q|" "a" "b"}} {{printf "%.1q" "ab"}})",
       R"(68c3a96c6c6f 68C3A96C6C6F %!t(string=true)   "a"|"b"     | "a")"},
      {R"({{printf "%é" 1}} {{printf "%v" .Values.uni}} {{printf "%10v|%-10v|" .Values.list true}})",
       "%!é(int=1) héllo ☺ [         a          b          c]|true      |"},
      {R"({{printf "%w" "x"}} {{printf "%p" "x"}})", "%!w(string=x) %!p(string=x)"},
  });
}

}  // namespace
}  // namespace sluice::tmpl
