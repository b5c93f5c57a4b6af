using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;

namespace Osc.Controller.Api.Requests;

/// <summary>Query parameters of lists of documents.</summary>
/// <param name="Selector">Kubernetes' selector syntax.</param>
public sealed record ListFilter(
    [property: FromQuery(Name = "selector"), Description("Only documents whose labels match, for example \"app = web, env in (prod, stage)\".")] string? Selector,
    [property: FromQuery(Name = "limit"), Description("How many items to give at most.")] string? Limit,
    [property: FromQuery(Name = "cursor"), Description("The 'next' of the page before.")] string? Cursor);
