using System.Net.Sockets;
using System.Text;
using Osc.Controller.Configuration;
using Osc.Controller.Identities;
using Osc.Controller.Tests.Identities;
using Xunit;

namespace Osc.Controller.Tests.Attacks;

/// <summary>A controller with two tenants and an issuer that it believes; the attacker is nobody, or an editor of the shop, or a person whom the issuer knows and grants to read the shop.</summary>
public sealed class AttackScene : IAsyncLifetime
{
    private string documents = "";
    private string tokens = "";

    public TestController Controller { get; private set; } = null!; // set before the first test

    public TestIssuer Issuer { get; private set; } = null!; // likewise

    /// <summary>An issuer that the controller does not know; whatever asks it for a key was led there.</summary>
    public TestIssuer Foreign { get; private set; } = null!; // likewise

    public string Editor { get; } = TestController.SecretInShop(Role.Editor);

    public string Admin { get; } = TestController.SecretInShop(Role.Admin);

    public string Auditor { get; } = TestController.SecretInShop(Role.Auditor);

    /// <summary>A token of the bank's.</summary>
    public string BankTokenId { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        (Issuer, Foreign) = (await TestIssuer.StartAsync(), await TestIssuer.StartAsync());
        Controller = await TestController.StartAsync(configure: options => options with
        {
            Issuers = [Issuer.Configured(new ClaimGrant("groups", "netsec", TestIssuer.Of(Role.Viewer, "shop"), null))],
            Limits = LimitSettings.Default with { Connections = 200, RequestsPerSecond = 200, Burst = 1_000 },
        });
        Assert.Equal(200, (await Controller.ApplyAsync(TestDocuments.Shop)).Status);
        Assert.Equal(200, (await Controller.ApplyAsync(TestDocuments.Bank)).Status);
        var made = await Controller.SendAsync(HttpMethod.Post, "/api/v1/auth/tokens", Role.Admin, """{"name":"vault-keeper","grants":[{"role":"viewer","tenants":["bank"]}]}""", "application/json");
        BankTokenId = made.Json.GetProperty("token").GetProperty("id").GetString() ?? "";
        Assert.Equal(200, (await AskAsync(HttpMethod.Get, "/api/v1/documents", Issuer.Token())).Status);
        (documents, tokens) = await StateAsync();
    }

    /// <summary>Documents and tokens are as they were, and the controller works.</summary>
    public async Task AssertUnharmedAsync() => Assert.Equal((documents, tokens), await StateAsync());

    /// <summary>Asks; status 0 if the connection ends while the request is still being sent, as it may where the controller has refused a body that it did not read.</summary>
    public async Task<Answer> AskAsync(HttpMethod method, string path, string? secret, string? body = null, string? contentType = "application/json", params string[] headers)
    {
        try
        {
            return await Controller.AskAsync(method, path, secret, body, body is null ? null : contentType, headers: headers);
        }
        catch (HttpRequestException e)
        {
            return new(0, "", e.Message, new Dictionary<string, string>());
        }
    }

    public Task<Answer> GetAsync(string path) => AskAsync(HttpMethod.Get, path, Editor);

    public Task<Answer> ApplyAsync(string body, string contentType = "application/json") => AskAsync(HttpMethod.Post, "/api/v1/apply", Editor, body, contentType);

    /// <summary>Whoever shows this signed token, asks for what a known person may read.</summary>
    public Task<Answer> ShowAsync(string token) => AskAsync(HttpMethod.Get, "/api/v1/documents", token);

    /// <summary>Sends bytes as they are, and reads until the controller ends the connection.</summary>
    /// <param name="after">Is sent again and again after that, until the controller has enough.</param>
    public async Task<Answer> SendRawAsync(string text, string? after = null)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", new Uri(Controller.App.Urls.Single()).Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(text));
        var reading = ReadAsync(stream);
        while (after is not null && !reading.IsCompleted)
        {
            try
            {
                await stream.WriteAsync(Encoding.Latin1.GetBytes(after));
            }
            catch (IOException)
            {
                break; // the controller has closed it
            }
        }

        var answer = await reading;
        var status = answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) ? int.Parse(answer.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture) : 0;
        return new(status, "", answer, new Dictionary<string, string>());
    }

    public async ValueTask DisposeAsync()
    {
        await Controller.DisposeAsync();
        await Issuer.DisposeAsync();
        await Foreign.DisposeAsync();
    }

    private static async Task<string> ReadAsync(NetworkStream stream)
    {
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            for (var read = await stream.ReadAsync(buffer); read > 0; read = await stream.ReadAsync(buffer))
            {
                answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
            }
        }
        catch (IOException)
        {
            return answer.ToString(); // a reset ends it too
        }

        return answer.ToString();
    }

    private async Task<(string Documents, string Tokens)> StateAsync()
    {
        var now = await Controller.GetAsync("/api/v1/documents?limit=1000");
        var made = await Controller.GetAsync("/api/v1/auth/tokens");
        Assert.Equal((200, 200), (now.Status, made.Status));
        return (now.Headers["Osc-Revision"] + now.Text, string.Join(' ', made.Json.GetProperty("items").EnumerateArray().Select(t => t.GetProperty("id").GetString() + t.GetProperty("state").GetString())));
    }
}
