using System.Globalization;
using Osc.Controller.Api.Repeats;
using Xunit;

namespace Osc.Controller.Tests.Attacks;

/// <summary>Keys of repeatable requests, used for what they are not for.</summary>
internal static class RepeatAttacks
{
    private const string About = "Repeated requests";

    private const string Same = """{"apiVersion":"osc/v1","kind":"SecurityGroup","metadata":{"name":"web","tenant":"shop"},"spec":{"members":[{"selector":"app = web"}]}}""";

    private static readonly string Other = Same.Replace("app = web", "app = db", StringComparison.Ordinal);

    public static readonly IReadOnlyList<Attack> All =
    [
        new(About, "another body under a key that was used", async s =>
        {
            Assert.Equal(200, (await PutAsync(s, "k-body", Same)).Status);
            return await PutAsync(s, "k-body", Other);
        }, 422),
        new(About, "another path under a key that was used", async s =>
        {
            Assert.Equal(200, (await PutAsync(s, "k-path", Same)).Status);
            return await s.AskAsync(HttpMethod.Delete, "/api/v1/shop/policy/app", s.Editor, null, null, $"{RepeatableRequests.KeyHeader}: k-path");
        }, 422),
        new(About, "the same body on another condition under a key that was used", async s =>
        {
            Assert.Equal(200, (await PutAsync(s, "k-tag", Same)).Status);
            return await PutAsync(s, "k-tag", Same, "If-Match: \"nothing\"");
        }, 422),
        new(About, "the answer that somebody else was given, by his key", async s =>
        {
            Assert.Equal(200, (await PutAsync(s, "k-others", Same)).Status);
            return await s.AskAsync(HttpMethod.Put, "/api/v1/shop/securitygroup/web", s.Admin, Same, headers: $"{RepeatableRequests.KeyHeader}: k-others");
        }, 200) { Check = (a, _) => Assert.False(a.Headers.ContainsKey(RepeatableRequests.RepeatedHeader)) },
        new(About, "a kept answer, without what is granted for it", async s =>
        {
            Assert.Equal(200, (await PutAsync(s, "k-granted", Same)).Status);
            return await s.AskAsync(HttpMethod.Put, "/api/v1/shop/securitygroup/web", TestController.SecretInShop(Osc.Controller.Configuration.Role.Viewer), Same, headers: $"{RepeatableRequests.KeyHeader}: k-granted");
        }, 403),
        new(About, "a key of a thousand characters", s => PutAsync(s, new string('k', 1_000), Same), 400),
        new(About, "a key with spaces", s => PutAsync(s, "a b", Same), 400),
        new(About, "an empty key", s => PutAsync(s, "", Same), 400),
        new(About, "two keys at once", s => PutAsync(s, "a", Same, $"{RepeatableRequests.KeyHeader}: b"), 400),
        new(About, "fifty of the same at once", async s =>
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => PutAsync(s, "k-once", Same)));
            Assert.All(answers, a => Assert.Contains(a.Status, new[] { 200, 409 }));
            return answers.First(a => a.Status == 200);
        }, 200),
        new(About, "more requests than anybody needs", async s =>
        {
            var secret = TestController.SecretOf(Osc.Controller.Configuration.Role.Agent);
            Answer answer;
            do
            {
                var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => s.AskAsync(HttpMethod.Get, "/api/v1/auth/whoami", secret)));
                answer = answers.FirstOrDefault(a => a.Status == 429) ?? answers[0];
            }
            while (answer.Status != 429);

            Assert.InRange(int.Parse(answer.Headers["Retry-After"], CultureInfo.InvariantCulture), 1, 10);
            return answer;
        }, 429),
    ];

    private static Task<Answer> PutAsync(AttackScene scene, string key, string body, params string[] more) =>
        scene.AskAsync(HttpMethod.Put, "/api/v1/shop/securitygroup/web", scene.Editor, body, "application/json", [$"{RepeatableRequests.KeyHeader}: {key}", .. more]);
}
