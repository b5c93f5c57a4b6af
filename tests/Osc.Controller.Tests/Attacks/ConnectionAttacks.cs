using Xunit;

namespace Osc.Controller.Tests.Attacks;

/// <summary>Requests that are not as HTTP wants them, too slow, or without an end (RFC 9112).</summary>
internal static class ConnectionAttacks
{
    private const string About = "Connections";

    public static readonly IReadOnlyList<Attack> All =
    [
        Raw("two lengths of one body", "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400),
        Raw("a length and pieces at once, to smuggle a second request", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /api/v1/documents HTTP/1.1\r\n\r\n", 400, 401),
        Raw("pieces by an encoding that nobody knows", "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400, 401, 501),
        Raw("a length below nothing", "Content-Length: -1\r\n\r\n", 400),
        Raw("a piece without an end", "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n", 400, 401),
        Raw("a header of 64 KB", $"X-Long: {new string('x', 64 * 1024)}\r\n\r\n", 431),
        Raw("a thousand headers", string.Concat(Enumerable.Range(0, 1_000).Select(i => $"X-{i}: x\r\n")) + "\r\n", 431),
        Raw("a header that goes on in the next line", "X-Folded: a\r\n b\r\n\r\n", 400),
        Raw("a space before the colon", "Authorization : Bearer x\r\n\r\n", 400),
        Line("a path of 64 KB", $"GET /{new string('x', 64 * 1024)} HTTP/1.1", 414),
        Line("a version of HTTP that there is not", "GET / HTTP/9.9", 505, 400),
        Line("a request that names another host in its line", "GET http://169.254.169.254/latest/meta-data HTTP/1.1", 400, 401),
        Line("a tunnel to another host", "CONNECT 169.254.169.254:80 HTTP/1.1", 400, 401),
        new(About, "a request without a host", s => s.SendRawAsync("GET /api/v1/documents HTTP/1.1\r\nConnection: close\r\n\r\n"), 400),
        new(About, "a request that is no HTTP", s => s.SendRawAsync("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"), 400, 0),
        new(About, "a header that never ends, a line at a time", s => s.SendRawAsync("GET / HTTP/1.1\r\nHost: osc\r\n", "X-More: x\r\n"), 431, 408, 0),
        new(About, "a body without an end, in pieces", s => s.SendRawAsync($"POST /api/v1/apply HTTP/1.1\r\nHost: osc\r\nConnection: close\r\nAuthorization: Bearer {s.Editor}\r\nContent-Type: application/yaml\r\nTransfer-Encoding: chunked\r\n\r\n", $"10000\r\n{new string('#', 65536)}\r\n"), 413, 0),
        new(About, "a body that comes too slowly", s => s.SendRawAsync($"POST /api/v1/apply HTTP/1.1\r\nHost: osc\r\nConnection: close\r\nAuthorization: Bearer {s.Editor}\r\nContent-Type: application/yaml\r\nContent-Length: 1000\r\n\r\n#"), 408, 0),
        new(About, "a header that comes too slowly", s => s.SendRawAsync("GET / HTTP/1.1\r\nHost:"), 408, 0),
        new(About, "more connections than there may be, left open", async s =>
        {
            var open = new List<System.Net.Sockets.TcpClient>();
            try
            {
                for (var i = 0; i < 250; i++)
                {
                    var client = new System.Net.Sockets.TcpClient();
                    open.Add(client);
                    await client.ConnectAsync("127.0.0.1", new Uri(s.Controller.App.Urls.Single()).Port);
                }

                return new(0, "", "", new Dictionary<string, string>());
            }
            finally
            {
                open.ForEach(c => c.Dispose());
            }
        }, 0),
    ];

    private static Attack Raw(string name, string headers, params int[] statuses) => new(About, name, s => s.SendRawAsync($"POST /api/v1/apply HTTP/1.1\r\nHost: osc\r\nConnection: close\r\n{headers}"), statuses) { Check = IsOneAnswer };

    private static Attack Line(string name, string line, params int[] statuses) => new(About, name, s => s.SendRawAsync($"{line}\r\nHost: osc\r\nConnection: close\r\n\r\n"), statuses) { Check = IsOneAnswer };

    private static void IsOneAnswer(Answer answer, AttackScene scene) => Assert.Equal(1, answer.Text.Split("HTTP/1.1 ").Length - 1);
}
