using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Console;
using Osc.Bus;
using Osc.Controller.Alarms;
using Osc.Controller.Api.Alarms;
using Osc.Controller.Api.Audit;
using Osc.Controller.Api.Documents;
using Osc.Controller.Api.Emergencies;
using Osc.Controller.Api.Enrolment;
using Osc.Controller.Api.Explain;
using Osc.Controller.Api.Health;
using Osc.Controller.Api.Hosts;
using Osc.Controller.Api.Json;
using Osc.Controller.Api.Limits;
using Osc.Controller.Api.Problems;
using Osc.Controller.Api.Proposals;
using Osc.Controller.Api.Reference;
using Osc.Controller.Api.Repeats;
using Osc.Controller.Api.Requests;
using Osc.Controller.Api.Revisions;
using Osc.Controller.Api.Rollouts;
using Osc.Controller.Api.Security;
using Osc.Controller.Api.Traffic;
using Osc.Controller.Audit;
using Osc.Controller.Clocks;
using Osc.Controller.Configuration;
using Osc.Controller.Delivery;
using Osc.Controller.Emergencies;
using Osc.Controller.Enrolment;
using Osc.Controller.History;
using Osc.Controller.Identities;
using Osc.Controller.Loop;
using Osc.Controller.Metrics;
using Osc.Controller.Names;
using Osc.Controller.Proposals;
using Osc.Controller.Traffic;
using Osc.Store;
using Osc.Store.Traffic;

namespace Osc.Controller.Hosting;

/// <summary>Puts the controller together: the one place where everything is wired.</summary>
public static class ControllerApp
{
    /// <summary>All headers of a request together.</summary>
    private const int MaxHeaderBytes = 32 * 1024;

    /// <summary>A controller that is ready to start: the store is loaded, its hosts are compiled.</summary>
    /// <param name="store">Stays the caller's to dispose, after the app.</param>
    /// <param name="bus">Makes the bus, from the app's services.</param>
    /// <param name="more">Adds services of the caller's own, which start after the controller's.</param>
    /// <exception cref="StartupException">The key of the audit log is not good.</exception>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    /// <exception cref="StoredStateException">What the store holds is not valid.</exception>
    /// <exception cref="SocketException">The address cannot be listened at.</exception>
    /// <exception cref="CryptographicException">The certificate or its key is not good.</exception>
    public static WebApplication Build(ControllerOptions options, PolicyStore store, Func<IServiceProvider, IControllerBus> bus, TimeProvider time, Action<IServiceCollection>? more = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "osc-controller", EnvironmentName = Environments.Production, ContentRootPath = AppContext.BaseDirectory });
        AddLogging(builder, options);
        AddServer(builder, options);
        var services = builder.Services;
        services.AddSystemd();
        services.AddSingleton(options);
        services.AddSingleton(store);
        services.AddSingleton(time);
        services.AddSingleton(bus);
        services.AddSingleton<ControllerMetrics>();
        services.AddSingleton<DeliveryRecorder>();
        services.AddSingleton(provider => LoadLoop(provider, store, new(options.MaxFlowsPerHost, options.Names.MaxNames)));
        services.AddSingleton(provider => new DeliveryService(
            provider.GetRequiredService<IControllerBus>(), provider.GetRequiredService<PolicyLoop>(), options.Delivery, provider.GetRequiredService<DeliveryRecorder>(), time));
        services.AddSingleton(DeskOf(options, store, time));
        services.AddSingleton<RefusedRequests>();
        services.AddSingleton<RepeatableRequests>();
        services.AddSingleton<ProposalService>();
        services.AddSingleton<Explainers>();
        services.AddSingleton<RuleHistory>();
        services.AddSingleton<CompiledHosts>();
        services.AddSingleton<ExplainAnswers>();
        services.AddSingleton<AsOf>();
        services.AddSingleton(_ => TrafficStore.Open(options.TrafficStore ?? TrafficStore.PathBeside(store.Path), TrafficLimits.Default, time));
        services.AddHostedService<MemoryTrimmer>();
        services.AddHostedService<ClockWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<PolicyLoop>());
        services.AddHostedService<TrafficService>();
        services.AddHostedService(provider => provider.GetRequiredService<DeliveryService>());
        services.AddSingleton(new CheckpointSigner(store, KeyFile.Load(options.AuditKeyFile ?? KeyFile.PathBeside(store.Path), store.FindLastCheckpoint() is not null), time));
        services.AddHostedService<TextIndexing>();
        services.AddHostedService<AuditArchiver>();
        services.AddHostedService<SyslogForwarder>();
        services.AddSingleton<Witnesses>();
        services.AddHostedService(provider => provider.GetRequiredService<Witnesses>());
        services.AddHostedService<Renewals>();
        services.AddSingleton<EmergencyWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<EmergencyWatch>());
        services.AddSingleton<AlarmWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<AlarmWatch>());
        services.AddHostedService(provider => new BusLifetime(provider.GetRequiredService<IControllerBus>()));
        services.AddHostedService(provider => provider.GetRequiredService<RefusedRequests>());
        services.AddSingleton<INameSource>(new DnsNameSource(options.Names));
        services.AddHostedService<NameResolver>();
        more?.Invoke(services);
        services.AddOscSecurity();
        services.AddOscLimits(options.Limits);
        services.AddOscOpenApi();
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, AnswerJson.Types));
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);

        var app = builder.Build();
        app.Services.GetRequiredService<CheckpointSigner>().RecordKeys();
        Observe(app.Services, store);
        UsePipeline(app);
        MapEndpoints(app);
        Api.Security.Authorization.DemandExplicitRules(((IEndpointRouteBuilder)app).DataSources.SelectMany(s => s.Endpoints));
        return app;
    }

    /// <exception cref="CryptographicException">The authority's files are not what they should be.</exception>
    private static EnrolmentDesk DeskOf(ControllerOptions options, PolicyStore store, TimeProvider time) =>
        new(options.Enrolment, options.Enrolment is { } settings ? CertificateAuthority.Load(settings.Authority, settings.Key, settings.Life) : null, store, time);

    private static void MapEndpoints(WebApplication app)
    {
        app.MapHealth();
        app.MapReference();
        var api = app.MapGroup("/api/v1");
        api.MapAuth();
        api.MapTokens();
        api.MapDocuments();
        api.MapBlame();
        api.MapProposals();
        api.MapEmergencies();
        api.MapApply();
        api.MapExplain();
        api.MapReach();
        api.MapHosts();
        api.MapEnrolment();
        api.MapAlarms();
        api.MapRollouts();
        api.MapRevisions();
        api.MapAudit();
        api.MapAuditProofs();
        api.MapTraffic();
    }

    private static void UsePipeline(WebApplication app)
    {
        var metrics = app.Services.GetRequiredService<ControllerMetrics>();
        var refused = app.Services.GetRequiredService<RefusedRequests>();
        app.Use(async (context, next) =>
        {
            var started = Stopwatch.GetTimestamp();

            // As late as this, since an exception clears what was set before it.
            context.Response.OnStarting(() =>
            {
                ResponseHeaders.Set(context);
                return Task.CompletedTask;
            });
            await next(context);
            var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "none";
            metrics.Requested(ResponseHeaders.MethodOf(context), route, context.Response.StatusCode, Stopwatch.GetElapsedTime(started));
        });
        app.Use(refused.InvokeAsync);
        app.UseProblems();
        app.UseRouting();
        app.UseRequestTimeouts();
        app.UseAuthentication();
        app.UseRateLimiter();
        app.UseAuthorization();
    }

    private static PolicyLoop LoadLoop(IServiceProvider provider, PolicyStore store, ChangeLimits limits)
    {
        var loaded = SnapshotLoader.Load(store);
        if (loaded.Renumbered.Count > 0)
        {
            store.SetDesired(loaded.Redesired, loaded.Renumbered);
        }

        return new(loaded, store, limits, provider.GetRequiredService<ControllerMetrics>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<PolicyLoop>>());
    }

    private static void Observe(IServiceProvider services, PolicyStore store)
    {
        var policy = services.GetRequiredService<PolicyLoop>();
        var delivery = services.GetRequiredService<DeliveryService>();
        var alarms = services.GetRequiredService<AlarmWatch>();

        services.GetRequiredService<ControllerMetrics>().Observe(
            () => policy.Current,
            () => delivery.Statuses,
            () => alarms.Standing,
            () => store.AuditTree.Size,
            () => delivery.IsBusConnected);
        var traffic = services.GetRequiredService<TrafficStore>();
        services.GetRequiredService<ControllerMetrics>().Observe(() => traffic.ReadRules());
    }

    private static void AddLogging(WebApplicationBuilder builder, ControllerOptions options)
    {
        builder.Logging.ClearProviders().SetMinimumLevel(options.LogLevel);
        if (options.LogFormat == LogFormat.Json)
        {
            builder.Logging.AddJsonConsole(console => (console.UseUtcTimestamp, console.TimestampFormat) = (true, "yyyy-MM-ddTHH:mm:ss.fffZ"));
        }
        else
        {
            builder.Logging.AddSimpleConsole(console =>
                (console.SingleLine, console.UseUtcTimestamp, console.TimestampFormat, console.ColorBehavior) = (true, true, "yyyy-MM-ddTHH:mm:ss.fffZ ", LoggerColorBehavior.Disabled));
        }

        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("Microsoft.AspNetCore.Server.Kestrel.Connections", LogLevel.Error).AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning).AddFilter("MassTransit", LogLevel.Warning);
    }

    /// <summary>
    /// The socket is bound and the certificate read here, not when the server starts: what is wrong with either is then an
    /// exception of <see cref="Build"/>, before anything runs.
    /// </summary>
    private static void AddServer(WebApplicationBuilder builder, ControllerOptions options)
    {
        var host = options.Listen.Host.Trim('[', ']');
        var endpoint = new IPEndPoint(host == "localhost" ? IPAddress.Loopback : IPAddress.Parse(host), options.Listen.Port);
        var certificate = options.Tls is { } tls ? X509Certificate2.CreateFromPemFile(tls.Certificate, tls.Key) : null;
        var clients = new ClientCertificates(options);
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        builder.WebHost.UseSockets(sockets => sockets.CreateBoundListenSocket = _ => socket).UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = RequestLimits.MaxDocumentsBody;
            kestrel.Limits.MaxConcurrentConnections = options.Limits.Connections;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
            kestrel.Listen(endpoint, listen =>
            {
                if (certificate is not null)
                {
                    listen.UseHttps(https =>
                    {
                        https.ServerCertificate = certificate;
                        https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
                        https.ClientCertificateMode = clients.AreAsked ? ClientCertificateMode.AllowCertificate : ClientCertificateMode.NoCertificate;
                        https.ClientCertificateValidation = (shown, _, _) => clients.IsTrusted(shown);
                    });
                }
            });
        });
    }
}
