using Osc.Agent.Apply;
using Osc.Agent.Enrolment;
using Osc.Agent.Logging;
using Osc.Agent.Report;
using Osc.Agent.Traffic;
using Osc.Agent.Witness;
using Osc.Bus;
using Osc.Model;

namespace Osc.Agent.Mail;

/// <summary>Gives each message of the controller to the part that it is for.</summary>
/// <param name="certificate">null: the broker knows the agent by something else.</param>
/// <param name="traffic">null: nothing is counted.</param>
internal sealed class MailHandler(Name host, UpdateHandler updates, Reporter reporter, CheckpointWitness witness, CertificateKeeper? certificate, TrafficReporter? traffic, IAgentLog log)
{
    public async Task HandleAsync(Decoded<ControllerMessage> came, CancellationToken cancellation)
    {
        var error = came.Error ?? (came.Message!.Host == host.Value ? null : $"the message is for the host {came.Message.Host}"); // where there is no error there is a message
        if (error is not null)
        {
            log.Write(LogLevel.Warning, "a message is refused", ("reason", error));
            await reporter.RefuseAsync(new("", 0), RefusalReason.Malformed, error, [], cancellation);
            return;
        }

        switch (came.Message)
        {
            case { TrafficTaken: { } taken }:
                traffic?.Take(taken);
                break;
            case { Checkpoint: { } checkpoint }:
                witness.Take(checkpoint);
                break;
            case { Certificate: { } renewed }:
                certificate?.Take(renewed);
                break;
            case { Delta: { } delta }:
                traffic?.Begin(delta.To);
                await updates.HandleAsync(delta, came.Message.Generation, cancellation);
                break;
            case { Snapshot: { } chunk }:
                traffic?.Begin(chunk.Revision);
                await updates.HandleAsync(chunk, came.Message.Generation, cancellation);
                break;
            case { Inquiry: { } inquiry }:
                log.Write(LogLevel.Debug, "the controller asks for a hello", ("reason", inquiry.Reason));
                await reporter.SayHelloAsync(cancellation);
                await reporter.SayPortsAsync(cancellation);
                break;
            default:
                throw new InvalidOperationException("a message was let in that says nothing");
        }
    }
}
