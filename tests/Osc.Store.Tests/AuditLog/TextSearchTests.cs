using CsCheck;
using Osc.Audit;
using Xunit;

namespace Osc.Store.Tests.AuditLog;

public sealed class TextSearchTests : IDisposable
{
    private readonly TestStore test = new();

    public TextSearchTests() => test.Store.AppendAudit(
    [
        TestStore.Record("alice") with { Name = "shop-app", Reason = "Öffnung für Ticket 42" },
        TestStore.Record("bob") with { After = """{"members":[{"cidr":"10.9.0.1/32"}]}""" },
        TestStore.Record("carol") with { Before = """{"members":[{"cidr":"10.9.0.12/32"}]}""", Outcome = "refused: no such group" },
        TestStore.Record("dave", AuditAction.DocumentDelete) with { Address = "2001:db8::7", RequestId = "0HN7-1", Tenant = "bank", Kind = "Policy" },
    ]);

    public void Dispose() => test.Dispose();

    [Theory]
    [InlineData("alice", "alice")]
    [InlineData("ALICE", "alice")]
    [InlineData("shop", "alice")]
    [InlineData("shop-app", "alice")]
    [InlineData("app-shop", "")]
    [InlineData("app shop", "alice")]
    [InlineData("öffnung", "alice")]
    [InlineData("\"ticket 42\"", "alice")]
    [InlineData("\"42 ticket\"", "")]
    [InlineData("42 ticket", "alice")]
    [InlineData("ticket 43", "")]
    [InlineData("10.9.0.1", "bob")]
    [InlineData("10.9.0.12", "carol")]
    [InlineData("10.9.0.1*", "bob carol")]
    [InlineData("members", "bob carol")]
    [InlineData("\"such group", "carol")]
    [InlineData("2001:db8::7", "dave")]
    [InlineData("0HN7-1", "dave")]
    [InlineData("document.delete", "dave")]
    [InlineData("bank policy", "dave")]
    [InlineData("docu*", "dave")]
    [InlineData("docu", "")]
    [InlineData("", "alice bob carol dave")]
    [InlineData("  \t ", "alice bob carol dave")]
    [InlineData("\" - \" * ()", "alice bob carol dave")]
    public void Text_finds(string text, string actors) => Assert.Equal(actors, Find(text));

    [Theory]
    [InlineData("alice OR bob")]
    [InlineData("alice NOT bob")]
    [InlineData("alice AND bob")]
    [InlineData("NEAR(alice bob)")]
    [InlineData("actor:alice")]
    [InlineData("{actor name}:alice^")]
    [InlineData("alice\" OR \"bob")]
    [InlineData("alice\0bob")]
    [InlineData("alice' or 1=1 --")]
    [InlineData("%")]
    public void Text_has_no_syntax(string text) =>
        Assert.Equal(Find(string.Join(' ', text.Split([' ', '"', '(', ')', ':', '{', '}', '^', '\0', '\'', '=', '-', '%']))), Find(text));

    [Fact]
    public void No_text_is_a_wrong_one() => Gen.String[Gen.OneOf('a', '"', '*', ' ', '\0', '\'', '(', ')', ':', '^', '-', '+', '{', '\ud800', 'é', '١', '²'), 0, 12].Sample(text =>
        test.Store.QueryAudit(new() { Text = text }).Items.Count <= 4, iter: 2_000);

    private string Find(string text) => string.Join(' ', test.Store.QueryAudit(new() { Text = text, Ascending = true }).Items.Select(r => r.Actor));
}
