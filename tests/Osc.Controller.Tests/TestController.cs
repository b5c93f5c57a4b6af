using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Osc.Bus;
using Osc.Bus.InMemory;
using Osc.Controller.Configuration;
using Osc.Controller.Hosting;
using Osc.Controller.Identities;
using Osc.Controller.Names;
using Osc.Store;

namespace Osc.Controller.Tests;

/// <summary>A whole controller on a free loopback port, with a store of its own, a token for each role, and no agents.</summary>
public sealed class TestController : IAsyncDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("osc-controller-tests-");
    private readonly ControllerOptions options;
    private readonly IControllerBus bus;
    private readonly TimeProvider time;
    private PolicyStore store = null!; // set by OpenAsync
    private HttpClient http = null!; // likewise

    private TestController(ControllerOptions options, IControllerBus bus, TimeProvider time) => (this.options, this.bus, this.time) = (options, bus, time);

    public WebApplication App { get; private set; } = null!; // likewise

    public string StorePath => store.Path;

    /// <summary>Of a token with the role in everything.</summary>
    public static string SecretOf(Role role) => $"secret-of-{role}";

    /// <summary>Of a token with the role in the tenant shop.</summary>
    public static string SecretInShop(Role role) => $"secret of {role} in shop";

    public static async Task<TestController> StartAsync(
        IControllerBus? bus = null, TimeProvider? time = null, int maxFlowsPerHost = ControllerOptions.DefaultMaxFlowsPerHost, NameSettings? names = null,
        Func<ControllerOptions, ControllerOptions>? configure = null)
    {
        var options = new ControllerOptions
        {
            Listen = new("http://127.0.0.1:0"),
            MaxFlowsPerHost = maxFlowsPerHost,
            Names = names ?? NameSettings.Default with { Resolve = false },
            LogLevel = Microsoft.Extensions.Logging.LogLevel.None,
            Tokens =
            [
                .. Enum.GetValues<Role>().Select(r => TokenOf(r.ToString().ToLowerInvariant(), SecretOf(r), new(r, GrantScope.Everything))),
                .. Enum.GetValues<Role>().Select(r => TokenOf($"{r.ToString().ToLowerInvariant()}-of-shop", SecretInShop(r), new(r, new() { Tenants = [Pattern("shop")] }))),
            ],
        };
        options = configure?.Invoke(options) ?? options;
        var controller = new TestController(options, bus ?? new InMemoryBus(), time ?? TimeProvider.System);
        await controller.OpenAsync();
        return controller;
    }

    /// <summary>Stops the controller and starts it anew on its store.</summary>
    public async Task RestartAsync()
    {
        await CloseAsync();
        await OpenAsync();
    }

    public T Get<T>()
        where T : notnull => App.Services.GetRequiredService<T>();

    public Task<Answer> GetAsync(string path, Role role = Role.Admin, string? accept = null) => SendAsync(HttpMethod.Get, path, role, accept: accept);

    public Task<Answer> ApplyAsync(string yaml, string query = "", Role role = Role.Admin) => SendAsync(HttpMethod.Post, "/api/v1/apply" + query, role, yaml);

    /// <param name="role">Whose token to show; null for none.</param>
    /// <param name="headers">"Name: value" each.</param>
    public async Task<Answer> SendAsync(
        HttpMethod method, string path, Role? role, string? body = null, string? contentType = "application/yaml", string? accept = null, params string[] headers) =>
        await AskAsync(method, path, role is { } known ? SecretOf(known) : null, body, contentType, accept, headers);

    /// <param name="secret">The token to show; null for none.</param>
    /// <param name="headers">"Name: value" each.</param>
    public async Task<Answer> AskAsync(
        HttpMethod method, string path, string? secret, string? body = null, string? contentType = "application/yaml", string? accept = null, params string[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (secret is not null)
        {
            request.Headers.Authorization = new("Bearer", secret);
        }

        foreach (var header in headers)
        {
            var (name, value) = (header[..header.IndexOf(':')], header[(header.IndexOf(':') + 1)..].Trim());
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (accept is not null)
        {
            request.Headers.Accept.ParseAdd(accept);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body);
            request.Content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        }

        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType ?? "", text, response.Headers.ToDictionary(h => h.Key, h => h.Value.First()));
    }

    private static NamePattern Pattern(string text) => NamePattern.TryParse(text, out var pattern) ? pattern : throw new ArgumentException(text);

    private static Token TokenOf(string name, string secret, Grant grant) => new(name, [grant], SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        directory.Delete(recursive: true);
    }

    private async Task OpenAsync()
    {
        store = PolicyStore.Open(Path.Combine(directory.FullName, "osc.db"), time);
        App = ControllerApp.Build(options, store, _ => bus, time);
        await App.StartAsync();
        http = new(new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 }) { BaseAddress = new(App.Urls.Single()) };
    }

    private async Task CloseAsync()
    {
        await App.StopAsync();
        await App.DisposeAsync();
        store.Dispose();
        http.Dispose();
    }
}

/// <summary>What came back.</summary>
public sealed record Answer(int Status, string Type, string Text, IReadOnlyDictionary<string, string> Headers)
{
    public JsonElement Json
    {
        get
        {
            using var parsed = JsonDocument.Parse(Text);
            return parsed.RootElement.Clone();
        }
    }

    /// <summary>The errors of a problem, "document path: message; allowed" each, without what is empty.</summary>
    public IReadOnlyList<string> Errors =>
        [.. Json.GetProperty("errors").EnumerateArray().Select(e => $"{e.GetProperty("document")} {e.GetProperty("path")}: {e.GetProperty("message")}; {e.GetProperty("allowed")}".Trim(' ', ';'))];
}
