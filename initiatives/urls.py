from django.urls import path

from .views import actions, background, municipalities, opendata, recommendations, reports, search, sources, statuses

urlpatterns = [
    path("anbefalinger/", recommendations.recommendation_list, name="recommendations"),
    path("anbefalinger/<int:number>/", recommendations.recommendation_detail, name="recommendation"),
    path("anbefalinger/<int:number>/status/", statuses.record_national, name="record_national"),
    path("kommuner/", municipalities.municipality_list, name="municipalities"),
    path("kommuner/<int:code>/", municipalities.municipality_detail, name="municipality"),
    path("kommuner/<int:code>/anbefalinger/<int:number>/status/", statuses.record_status, name="record_status"),
    path("statusnotat/<int:pk>/fortryd/", statuses.undo_status, name="undo_status"),
    path("kommuner/<int:code>/rapport/", reports.municipality_report, name="municipality_report"),
    path("kommuner/<int:code>/rapport.pdf", reports.municipality_report_pdf, name="municipality_report_pdf"),
    path("kommuner/<int:code>/indsatser/", actions.action_list, name="actions"),
    path("kommuner/<int:code>/indsatser/ny/", actions.add_action, name="add_action"),
    path("indsatser/", actions.inspiration, name="inspiration"),
    path("indsatser/<int:pk>/", actions.action_detail, name="action"),
    path("indsatser/<int:pk>/ret/", actions.change_action, name="change_action"),
    path("indsatser/<int:pk>/stadig-aktuel/", actions.confirm_action, name="confirm_action"),
    path("kilder/", sources.source_list, name="sources"),
    path("rapport/", reports.national_report, name="national_report"),
    path("rapport.pdf", reports.national_report_pdf, name="national_report_pdf"),
    path("data/", opendata.data, name="data"),
    path("data/<slug:name>.<slug:extension>", opendata.dataset, name="dataset"),
    path("soeg/", search.search, name="search"),
    path("indikatorer/", background.indicator_list, name="indicators"),
    path("indikatorer/<slug:slug>/", background.indicator_detail, name="indicator"),
    path("casebank/", background.case_list, name="cases"),
    path("casebank/<slug:slug>/", background.case_detail, name="case"),
    path("ordliste/", background.glossary, name="glossary"),
    path("planens-baggrund/", background.fact_lists, name="lists"),
]
