using CsCheck;
using Xunit;

namespace Osc.Model.Tests;

public sealed class SelectorTests
{
    private static readonly Labels Web = Labels.Of([new("app", "web"), new("env", "prod"), new("osc/tenant", "shop"), new("empty", "")]);

    private static readonly Gen<string> Keys = Gen.OneOf("app", "env", "in", "notin", "osc/tenant", "a.b/C_d-e");

    private static readonly Gen<string> Values = Gen.OneOf("web", "prod", "in", "1.2_3-x", "A");

    private static readonly Gen<Selector> Selectors = Gen.Select(Keys, Gen.Enum<SelectorOperator>(), Values.HashSet[1, 3], (key, op, values) => new Requirement(key, op, op switch
    {
        SelectorOperator.Exists or SelectorOperator.NotExists => [],
        SelectorOperator.Equals or SelectorOperator.NotEquals => [values.First()],
        _ => values.Order(StringComparer.Ordinal).ToValueList(),
    })).Array[1, 4].Select(requirements => new Selector(requirements.ToValueList()));

    [Theory]
    [InlineData("app = web", true)]
    [InlineData("app==web", true)]
    [InlineData("app=db", false)]
    [InlineData("app != db", true)]
    [InlineData("absent != db", true)]
    [InlineData("app in (db, web)", true)]
    [InlineData("app in (db)", false)]
    [InlineData("absent in (db)", false)]
    [InlineData("app notin (db)", true)]
    [InlineData("app notin (db,web)", false)]
    [InlineData("absent notin (db)", true)]
    [InlineData("app", true)]
    [InlineData("absent", false)]
    [InlineData("!absent", true)]
    [InlineData("! app", false)]
    [InlineData("empty", true)]
    [InlineData("osc/tenant = shop", true)]
    [InlineData("app = web, env in (prod, stage), !legacy", true)]
    [InlineData("app = web, env = stage", false)]
    public void Selector_matches_as_in_Kubernetes(string text, bool matches) => Assert.Equal(matches, Selector.Parse(text).Matches(Web));

    [Theory]
    [InlineData("app==web,env   in(b,a,b)", "app = web, env in (a, b)")]
    [InlineData("!app\n,x!=y", "!app, x != y")]
    public void Selector_prints_in_one_spelling(string text, string canonical) => Assert.Equal(canonical, Selector.Parse(text).ToString());

    [Fact]
    public void Selector_survives_text_and_back() => Selectors.Sample(s => Assert.Equal(s, Selector.Parse(s.ToString())), iter: 5_000);

    [Theory]
    [InlineData("", "expected a label key at character 1")]
    [InlineData("app = web,", "expected a label key at character 11")]
    [InlineData("app =", "expected a label value at character 6")]
    [InlineData("app = -x", "'-x' is no label value at character 7")]
    [InlineData("app = a/b", "'a/b' is no label value at character 7")]
    [InlineData("app ! web", "expected '=' after '!' at character 6")]
    [InlineData("app is web", "'is' is no operator at character 5")]
    [InlineData("app in web", "expected '(' at character 8")]
    [InlineData("app in (web", "expected ')' at character 12")]
    [InlineData("app in ()", "expected a label value at character 9")]
    [InlineData("app = web env = x", "expected ',' or the end at character 11")]
    [InlineData("-app", "'-app' is no label key at character 1")]
    [InlineData("Bad_Domain/app", "'Bad_Domain/app' is no label key at character 1")]
    public void Error_says_what_is_wrong_and_where(string text, string error)
    {
        Assert.False(Selector.TryParse(text, out _, out var found));
        Assert.Equal(error, found);
        Assert.Equal(error, Assert.Throws<FormatException>(() => Selector.Parse(text)).Message);
    }

    [Fact]
    public void Any_text_is_a_selector_or_an_error_with_a_place_inside_it() =>
        Gen.String[Gen.Char["ab in(),!=/.-_ \té\0"], 0, 24].Sample(text =>
        {
            if (Selector.TryParse(text, out var selector, out var error))
            {
                Assert.Equal(selector, Selector.Parse(selector.ToString()));
            }
            else
            {
                var place = int.Parse(error[(error.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
                Assert.InRange(place, 1, text.Length + 1);
            }
        }, iter: 50_000);

    [Theory]
    [InlineData("app", true)]
    [InlineData("example.com/app", true)]
    [InlineData("a/b/c", false)]
    [InlineData("/app", false)]
    [InlineData("app/", false)]
    [InlineData("", false)]
    [InlineData("_app", false)]
    public void Label_key_is_a_word_with_or_without_a_domain(string key, bool valid) => Assert.Equal(valid, LabelSyntax.IsKey(key));

    [Fact]
    public void Label_words_have_at_most_63_characters()
    {
        Assert.True(LabelSyntax.IsValue(""));
        Assert.True(LabelSyntax.IsValue(new string('a', 63)));
        Assert.False(LabelSyntax.IsValue(new string('a', 64)));
        Assert.False(LabelSyntax.IsKey(new string('a', 64)));
        Assert.False(LabelSyntax.IsKey(string.Join('.', Enumerable.Repeat("abcdefg", 32)) + "/app"));
    }

    [Fact]
    public void Labels_compare_by_value_and_list_in_key_order()
    {
        Assert.Equal(Web, Labels.Of(Web.Reverse()));
        Assert.Equal(Web.GetHashCode(), Labels.Of(Web.Reverse()).GetHashCode());
        Assert.NotEqual(Web, Web.With("app", "db"));
        Assert.Equal("app=web,env=prod", Labels.Empty.With("env", "prod").With("app", "web").ToString());
    }
}
